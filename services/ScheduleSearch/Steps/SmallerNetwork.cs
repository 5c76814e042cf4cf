using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>What a step may call beside the whole network: the layers that a plan leaves, on the same weights or on
/// some that were tuned for it.</summary>
internal sealed class SmallerNetwork : IDisposable
{
    private const string Schedule = "schedule", Student = "student";

    // The dynamic program grows with the square of the steps times the networks.
    private const int MostSteps = 100;

    private readonly Denoiser _whole;
    private readonly PrunedModel _model;
    private readonly string? _student;

    private SmallerNetwork(Denoiser whole, PrunedModel model, string? student = null) =>
        (_whole, _model, _student) = (whole, model, student);

    /// <summary>Refuses a choice between networks that cannot be made.</summary>
    /// <param name="roles">Of the job's inputs.</param>
    /// <returns>Whether there is one to make.</returns>
    /// <exception cref="InvalidDataException">Two smaller networks are given, or the method takes none.</exception>
    public static bool Check(ScheduleSearchOptions options, IEnumerable<string> roles)
    {
        var count = Roles(roles).Length;
        return count == 0 || (count == 1 && options is { StepMethod: StepMethod.Solver, CarriesLayers: false }
            && options.Steps <= MostSteps)
            ? count == 1
            : throw new InvalidDataException(
                $"a choice between networks takes one of the roles {Schedule} and {Student}, the method solver with "
                + $"'between' output and at most {MostSteps} steps; correct the job's 'uses' and 'with'");
    }

    /// <summary>Reads the role that the job has: <c>schedule</c>, a plan for the dense weights, or <c>student</c>, one
    /// with weights that were tuned for it; null without one.</summary>
    /// <exception cref="InvalidDataException">It leaves out no layers.</exception>
    public static async Task<SmallerNetwork?> OpenAsync(
        JobContext job, Denoiser dense, string denseFolder, Placement placement, CancellationToken cancellationToken)
    {
        var role = Roles(job.Order.Inputs.Keys);
        if (role.Length == 0)
            return null;
        var folder = await job.FolderAsync(role[0], cancellationToken);
        var smaller = role[0] == Student
            ? new SmallerNetwork(dense, GivenModel.LoadStudent(folder, denseFolder, placement), folder)
            : new(dense, PrunedModel.Of(dense, PlanFile.Load(folder), ModelFolder.Scheduler(denseFolder)));
        if (smaller._model.Plan?.Variants.Any(variant => variant.Keep.Count > 0) is not false
            || IsCut(smaller._model.Inner, dense))
            throw new InvalidDataException(
                $"the {role[0]} of job '{job.Order.JobId}' must be the model without some layers, but has no plan or "
                + "leaves out channels; take one of a method that leaves out layers");
        smaller._model.Inner.Freeze();
        return smaller;
    }

    /// <summary>Both networks, and what a call costs at every step of a sampler.</summary>
    public StepVariants Variants(
        NoiseScheduler scheduler, int steps, double guidance, IReadOnlyList<int>? timesteps = null)
    {
        var (inner, plan) = (_model.Inner, _model.Plan!);
        return new(
            [Guidance.Of(_whole, guidance), Guidance.Of(_model.Model, guidance)],
            [
                Macs(scheduler, steps, timesteps, t => At(_whole, t)),
                Macs(scheduler, steps, timesteps, t => At(inner, t, plan.Variants[plan.VariantAt(t)])),
            ]);
    }

    /// <summary>The same with a given model that routes by timestep and so costs unequally; null with any other one.
    /// </summary>
    public static StepVariants? Alone(
        Denoiser given, NoiseScheduler scheduler, int steps, double guidance, IReadOnlyList<int>? timesteps = null) =>
        given.Routing is null
        ? null
        : new([Guidance.Of(given, guidance)], [Macs(scheduler, steps, timesteps, t => At(given, t))]);

    /// <summary>Writes the plan of a table whose steps run one of the two, and the tuned weights if some step runs on
    /// them.</summary>
    public void Save(string method, NoiseScheduler scheduler, StepTable table, string outputFolder)
    {
        var plan = ToPlan(method, scheduler, table);
        PlanFile.Save(plan, outputFolder);
        if (plan.Packs.Count == 0)
            return;
        var tuned = plan.Variants.Where(variant => variant.Pack is not null).ToArray();
        // With all the bits that the file has, whatever the search computed in.
        using var student = PrunedModel.Load(_student!);
        var weights = student.Inner.Present().Where(weight => PrunedFolder.ConditionsOutput(weight.Name)
            || !tuned.All(variant => variant.Skip.Any(
                layer => weight.Name.StartsWith(layer + ".", StringComparison.Ordinal))))
            .ToDictionary(weight => weight.Name, weight => weight.Value.detach());
        using var packs = new WeightPacks(
            new Dictionary<string, IReadOnlyList<string>> { [WeightPacks.Tuned] = [.. weights.Keys] }, _ => weights);
        packs.Save(outputFolder, plan.Packs);
    }

    // A timestep belongs to the last run before it.
    private PruningPlan ToPlan(string method, NoiseScheduler scheduler, StepTable table)
    {
        var (plan, times) = (_model.Plan!, scheduler.NativeTimesteps(table.Steps, table.Timesteps));
        var runs = table.Actions
            .Select((action, step) => (Time: times[step], Run: action as StepAction.Run))
            .Where(at => at.Run is not null).Select(at => (at.Time, Variant: VariantOf(at.Run!, at.Time))).ToArray();
        var made = PruningPlan.FromTable(
            method,
            [
                .. Enumerable.Range(0, plan.Timesteps)
                    .Select(t => runs.LastOrDefault(run => run.Time >= t, runs[0]).Variant),
            ],
            1);
        var index = made.Variants.ToList();
        return made.WithSteps(table with
        {
            Actions =
            [
                .. table.Actions.Select((action, step) => action is StepAction.Run run
                    ? new StepAction.Run(index.IndexOf(VariantOf(run, times[step]))) : action),
            ],
        });

        PlanVariant VariantOf(StepAction.Run run, long time) =>
            run.Variant == 0 ? PlanVariant.Dense
                : plan.Variants[plan.VariantAt(time)].On(_student is null ? null : WeightPacks.Tuned);
    }

    public void Dispose()
    {
        if (_student is not null)
            _model.Dispose();
    }

    private static string[] Roles(IEnumerable<string> roles) => [.. roles.Where(role => role is Schedule or Student)];

    private static bool IsCut(Denoiser network, Denoiser whole)
    {
        var shapes = whole.Shapes();
        return network.Present().Any(weight => !weight.Value.shape.SequenceEqual(shapes[weight.Name]));
    }

    private static IReadOnlyList<long> Macs(
        NoiseScheduler scheduler, int steps, IReadOnlyList<int>? own, Func<long, long> macs) =>
        [.. scheduler.NativeTimesteps(steps, own).Select(macs)];

    private static long At(Denoiser network, long timestep, PlanVariant? variant = null) =>
        (network.Routing, variant) switch
        {
            (null, null) => MacCounter.Count(network).Macs,
            (null, { } own) => SlicedVariant.Macs(network, own),
            var (_, own) => MacCounter.Count(
                network, run: own?.RunMask(network.Layers), rows: ((int)timestep, (int)timestep + 1)).Macs,
        };
}
