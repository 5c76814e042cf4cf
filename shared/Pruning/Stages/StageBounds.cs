using System.Text.Json.Serialization;
using Mlops.Diffusion.Schedulers;

namespace Mlops.Pruning.Stages;

/// <summary>
/// Contiguous intervals of native training timesteps. Stage 0 holds the smallest t, the cleanest end, which a sampler
/// runs last (Diff-ES, arXiv 2603.05105, set-up).
/// </summary>
public sealed class StageBounds : IEquatable<StageBounds>
{
    /// <summary>Stages that begin at the given timesteps.</summary>
    /// <param name="starts">First native timestep of every stage, ascending; the first is 0.</param>
    /// <param name="timesteps">Native timesteps of the model; the last stage ends there.</param>
    /// <exception cref="InvalidDataException">A stage is empty, out of order or outside the trajectory.</exception>
    [JsonConstructor]
    public StageBounds(IReadOnlyList<int> starts, int timesteps)
    {
        if (starts is not [0, ..])
            throw new InvalidDataException("stage bounds must begin at timestep 0; add 0 as the first start");
        for (var s = 1; s < starts.Count; s++)
            if (starts[s] <= starts[s - 1])
                throw new InvalidDataException(
                    $"stage starts must ascend, but {starts[s]} follows {starts[s - 1]}; sort them and drop repeats");
        if (starts[^1] >= timesteps)
            throw new InvalidDataException(
                $"the last stage starts at {starts[^1]}, but the model has {timesteps} timesteps; use fewer stages");
        Starts = starts;
        Timesteps = timesteps;
    }

    /// <summary>First native timestep of every stage, ascending.</summary>
    public IReadOnlyList<int> Starts { get; }

    /// <summary>Native timesteps of the model, usually 1000.</summary>
    public int Timesteps { get; }

    /// <summary>Number of stages.</summary>
    [JsonIgnore]
    public int Count => Starts.Count;

    /// <summary>Stage s covers [round(T s / S), round(T (s + 1) / S)), with ties to even.</summary>
    public static StageBounds Even(int stages, int timesteps = 1000)
    {
        if (stages < 1 || stages > timesteps)
            throw new ArgumentOutOfRangeException(nameof(stages), stages, $"must be in [1, {timesteps}]");
        var starts = new int[stages];
        for (var s = 0; s < stages; s++)
            starts[s] = (int)Math.Round((double)timesteps * s / stages);
        return new(starts, timesteps);
    }

    /// <summary>Stages of unequal length: the inner borders, each the first timestep of the stage above it.</summary>
    public static StageBounds At(IEnumerable<int> dividers, int timesteps = 1000) => new([0, .. dividers], timesteps);

    /// <summary>First timestep of a stage.</summary>
    public int First(int stage) => Starts[stage];

    /// <summary>One past the last timestep of a stage.</summary>
    public int End(int stage) => stage + 1 < Count ? Starts[stage + 1] : Timesteps;

    /// <summary>Number of native timesteps in a stage.</summary>
    public int Length(int stage) => End(stage) - First(stage);

    /// <summary>Share of the native timesteps in a stage; the shares sum to 1.</summary>
    public double Share(int stage) => (double)Length(stage) / Timesteps;

    /// <summary>The stage of a native timestep; fractional timesteps of flow models are rounded down.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The timestep is outside [0, T).</exception>
    public int StageOf(double timestep)
    {
        if (!(timestep >= 0 && timestep < Timesteps))
            throw new ArgumentOutOfRangeException(nameof(timestep), timestep, $"must be in [0, {Timesteps})");
        var stage = Count - 1;
        while (Starts[stage] > timestep)
            stage--;
        return stage;
    }

    /// <summary>The stage of every step of a sampler whose grid is set.</summary>
    /// <exception cref="InvalidDataException">A stage has no step.</exception>
    public int[] OfSteps(NoiseScheduler scheduler, int steps)
    {
        int[] stages = [.. Enumerable.Range(0, steps).Select(step => StageOf(scheduler.NativeTimestep(step)))];
        var reached = stages.Distinct().Count();
        return reached == Count
            ? stages
            : throw new InvalidDataException(
                $"{steps} sampler steps reach {reached} of {Count} stages; take more steps or fewer stages");
    }

    /// <summary>The stage of every native timestep, T entries.</summary>
    public int[] Table() => [.. Enumerable.Range(0, Timesteps).Select(t => StageOf(t))];

    /// <inheritdoc/>
    public bool Equals(StageBounds? other) =>
        other is not null && other.Timesteps == Timesteps && other.Starts.SequenceEqual(Starts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StageBounds);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Timesteps, Count, Starts[^1]);
}
