using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>What a step may call beside the whole network: the layers that a plan leaves, on its weights.</summary>
internal sealed class SmallerNetwork : IDisposable
{
    private const string Schedule = "schedule", Student = "student";

    // The dynamic program grows with the square of the steps times the networks.
    private const int MostSteps = 100;

    private readonly PrunedModel _model;
    private readonly bool _owned;

    private SmallerNetwork(PrunedModel model, bool owned) => (_model, _owned) = (model, owned);

    /// <summary>Reads the role that the job has: <c>schedule</c>, a plan for the dense weights, or <c>student</c>, one
    /// with weights that were tuned for it; null without one.</summary>
    /// <exception cref="InvalidDataException">Two are given, or one that has no such layers.</exception>
    public static async Task<SmallerNetwork?> OpenAsync(
        JobContext job, ScheduleSearchOptions options, Denoiser dense, string denseFolder, Placement placement,
        CancellationToken cancellationToken)
    {
        var role = new[] { Schedule, Student }.Where(job.Order.Inputs.ContainsKey).ToArray();
        if (role.Length == 0)
            return null;
        if (role.Length == 2 || options.StepMethod != StepMethod.Solver || options.Steps > MostSteps)
            throw new InvalidDataException(
                $"job '{job.Order.JobId}' chooses between networks, which takes one of the roles {Schedule} and "
                + $"{Student}, the method solver and at most {MostSteps} steps; correct its 'uses' and 'with'");
        var folder = await job.FolderAsync(role[0], cancellationToken);
        var smaller = role[0] == Student
            ? new SmallerNetwork(GivenModel.LoadStudent(folder, denseFolder, placement), owned: true)
            : new(PrunedModel.Of(dense, PlanFile.Load(folder), ModelFolder.Scheduler(denseFolder)), owned: false);
        var inner = smaller._model.Inner;
        if (smaller._model.Plan is null || inner.Present().Count() < dense.Present().Count())
            throw new InvalidDataException(
                $"the {role[0]} of job '{job.Order.JobId}' lacks a plan or the weights that it leaves out, so that "
                + $"no step could run all layers; tune it with the role '{Schedule}', which keeps them");
        inner.Freeze();
        return smaller;
    }

    /// <summary>Both networks, and what a call costs at every step of a sampler.</summary>
    public StepVariants Variants(
        NoiseScheduler scheduler, int steps, double guidance, IReadOnlyList<int>? timesteps = null)
    {
        var (inner, plan) = (_model.Inner, _model.Plan!);
        return new(
            [Guidance.Of(inner, guidance), Guidance.Of(_model.Model, guidance)],
            [
                Macs(scheduler, steps, timesteps, t => At(inner, t)),
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

    /// <summary>The plan of a table whose steps run one of the two: a timestep belongs to the last run before it.
    /// </summary>
    public PruningPlan ToPlan(string method, NoiseScheduler scheduler, StepTable table)
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
            run.Variant == 0 ? PlanVariant.Dense : plan.Variants[plan.VariantAt(time)];
    }

    public void Dispose()
    {
        if (_owned)
            _model.Dispose();
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
