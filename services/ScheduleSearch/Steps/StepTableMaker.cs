using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>The search for a step table as a job: every step of the table is a checkpoint.</summary>
internal sealed class StepTableMaker(ComputeSlot compute)
{
    // As many consistent steps as make a trajectory that more steps no longer change.
    private const int FineSteps = 200;

    private const int CheckProbes = 24;

    /// <summary>Writes the plan with its table, and what was found on the way.</summary>
    public async Task WriteAsync(
        JobContext job, ScheduleSearchOptions options, StepMethod method, string outputFolder,
        CancellationToken cancellationToken)
    {
        var folder = await job.FolderAsync("model", cancellationToken);
        var placement = Placement.Create(job.Device, options.Precision, job.Warn);
        using var model = GivenModel.Load(folder, placement);
        using var smaller = await SmallerNetwork.OpenAsync(job, options, model, folder, placement, cancellationToken);
        // The adjoint goes back to states, not to weights.
        model.Freeze();
        using var search = Search(model, smaller, folder, job, options, method);
        job.Progress.Report(new(0, "measuring what gaps cost"));
        var state = await StepCheckpoint.LatestAsync(job, cancellationToken)
            ?? await SavedAsync(await ComputeAsync(() => search.Start(cancellationToken)));
        while (method == StepMethod.Solver && state.Search is not { Finished: true })
        {
            state = await SavedAsync(await ComputeAsync(() => search.Next(state, cancellationToken)));
            job.Progress.Report(new(0.1 + (0.8 * state.Search!.Progress), FormattableString.Invariant(
                $"{state.Search.Tables} tables tried, relative error {state.Search.Loss:g3}")));
        }

        var report = await ComputeAsync(() => search.Finish(state, cancellationToken));
        report.ToFile().Save(outputFolder);
        var (scheduler, table) = (SamplerNames.Load(folder, options.Sampler), report.Best.Table);
        PlanFile.Save(
            smaller?.ToPlan("forecast-pruned", scheduler, table) ?? PruningPlan.Constant(
                MethodName(method), scheduler.TrainTimesteps, PlanVariant.Dense, 1).WithSteps(table),
            outputFolder);
        job.Progress.Report(new(1, FormattableString.Invariant(
            $"{table.Runs} of {options.Steps} steps run the whole network, relative error {report.Best.Loss:g3}")));

        Task<T> ComputeAsync<T>(Func<T> work) => compute.RunAsync(() => Task.FromResult(work()), cancellationToken);

        async Task<StepSearchState> SavedAsync(StepSearchState made)
        {
            await StepCheckpoint.SaveAsync(job, made, cancellationToken);
            return made;
        }
    }

    private static StepSearch Search(
        Denoiser model, SmallerNetwork? smaller, string folder, JobContext job, ScheduleSearchOptions options,
        StepMethod method)
    {
        var seed = job.Order.Seed;
        var sampler = SamplerNames.Resolve(folder, options.Sampler);
        var network = Guidance.Of(model, options.Guidance);
        var problem = new StepProblem(
            sampler, () => SamplerNames.Load(folder, sampler), network, options.Guidance, options.Steps,
            new StepOptions(UseClippedModelOutput: options.UseClippedModelOutput), seed,
            smaller?.Variants(SamplerNames.Load(folder, sampler), options.Steps, options.Guidance)
            ?? SmallerNetwork.Alone(model, SamplerNames.Load(folder, sampler), options.Steps, options.Guidance));
        var exact = SamplerNames.Resolve(folder, SamplerNames.Auto);
        var fine = problem with
        {
            Sampler = exact, CreateScheduler = () => SamplerNames.Load(folder, exact),
            Variants = null, Steps = Math.Min(FineSteps, SamplerNames.Load(folder, exact).TrainTimesteps),
            Options = new StepOptions(UseClippedModelOutput: true),
        };
        var between = Between(method, model, options.Outer);
        if (between is not null)
            problem = problem with { Layers = model };
        var runs = between is null
            ? StepBudget.Runs(options.TotalMacs, options.Steps)
            : LayerPatterns.Runs(model, between, options.Steps, options.TotalMacs);
        long? whole = between is not null ? MacCounter.Count(model).Macs * options.Steps
            : problem.Variants is null ? null : problem.WholePrice;
        var settings = new StepSearchSettings(
            method, runs, options.Aim, options.Signs, options.Order,
            whole is { } macs ? StepBudget.Macs(options.TotalMacs, macs) : null, between);
        return new StepSearch(problem, fine, settings, purpose => Probes.Draw(
            model, seed, purpose, purpose == StepSearch.Check ? options.CheckProbes ?? CheckProbes : options.Probes));
    }

    private static StepAction.Partial? Between(StepMethod method, Denoiser model, int outer) => method switch
    {
        StepMethod.LayerReuse or StepMethod.LayerThreshold => LayerPatterns.All(model, 0),
        StepMethod.LayerForecast => LayerPatterns.All(model, 1),
        StepMethod.InnerReuse => LayerPatterns.Inner(model, outer),
        _ => null,
    };

    private static string MethodName(StepMethod method) =>
        method == StepMethod.Solver ? "forecast" : ScheduleSearchOptions.Name(method);
}
