namespace Mlops.Contracts;

/// <summary>
/// What a worker needs to know of a job: its result is a function of settings, inputs and seed alone.
/// </summary>
/// <param name="JobId">The job's name in its recipe, unique within the run.</param>
/// <param name="Attempt">1 for the first try; grows with every new dispatch after a failure or a lost lease.</param>
/// <param name="Settings">The service's options as a JSON object.</param>
/// <param name="Inputs">Role (<c>model</c>, <c>data</c>, <c>scores</c>, …) to the artifact that fills it.</param>
/// <param name="Seed">Every random draw of the job derives from it.</param>
public sealed record JobOrder(
    string JobId, int Attempt, string Settings, IReadOnlyDictionary<string, ObjectRef> Inputs, long Seed);
