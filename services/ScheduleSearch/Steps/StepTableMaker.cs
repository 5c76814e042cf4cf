using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>The search for a step table as a job: every step of the table is a checkpoint.</summary>
internal sealed class StepTableMaker(ComputeSlot compute)
{
    /// <summary>Writes the plan with its table, and what was found on the way.</summary>
    public async Task WriteAsync(
        JobContext job, ScheduleSearchOptions options, StepMethod method, string outputFolder,
        CancellationToken cancellationToken)
    {
        var folder = await job.FolderAsync("model", cancellationToken);
        var placement = Placement.Create(job.Device, options.Precision, job.Warn);
        using var model = GivenModel.Load(folder, placement);
        using var smaller = await SmallerNetwork.OpenAsync(job, model, folder, placement, cancellationToken);
        // The adjoint goes back to states, not to weights.
        model.Freeze();
        var problems = new StepProblems(model, smaller, folder, job, options);
        var report = method == StepMethod.SolverSearch
            ? await ChosenAsync(job, options, problems, cancellationToken)
            : await MadeAsync(job, options, method, model, problems, cancellationToken);
        report = report with { Evaluations = report.Evaluations + problems.Evaluations };
        report.ToFile().Save(outputFolder);
        var (table, name) = (report.Best.Table, MethodName(method));
        var scheduler = SamplerNames.Load(folder, table.Sampler);
        if (smaller is not null)
            smaller.Save("forecast-pruned", scheduler, table, outputFolder);
        else
            PlanFile.Save(
                PruningPlan.Constant(name, scheduler.TrainTimesteps, PlanVariant.Dense, 1).WithSteps(table),
                outputFolder);
        job.Progress.Report(new(1, FormattableString.Invariant(
            $"{(report.Solvers is null ? "" : $"took {report.Best.Name}: ")}{table.Runs} of {table.Steps} ")
            + FormattableString.Invariant(
                $"steps run {(smaller is null ? "the whole" : "a")} network, relative error {report.Best.Loss:g3}")));
    }

    private async Task<StepSearchReport> MadeAsync(
        JobContext job, ScheduleSearchOptions options, StepMethod method, Denoiser model, StepProblems problems,
        CancellationToken cancellationToken)
    {
        var between = StepTableCheck.Between(method, model, options);
        job.Progress.Report(new(0, "measuring what gaps cost"));
        var problem = await ComputeAsync(() => problems.Table(cancellationToken), cancellationToken);
        var settings = Settings(options, method, problem);
        if (between is null)
            settings = settings with { Runs = problems.Runs(cancellationToken) };
        else
            (problem, settings) = (problem with { Layers = model, Variants = null }, settings with
            {
                Runs = LayerPatterns.Runs(model, between, options.Steps, options.TotalMacs), Between = between,
                Budget = method == StepMethod.LayerThreshold
                    ? StepBudget.Macs(options.TotalMacs, MacCounter.Count(model).Macs * options.Steps)
                    : null,
            });
        using var search = new StepSearch(problem, problems.Fine, settings, problems.Draw);
        var state = await StepCheckpoint.LatestAsync(job, cancellationToken) is { } text
            ? StepSearchState.FromJson(text)
            : await SavedAsync(await StartAsync(job, method, search, cancellationToken));
        while (method == StepMethod.Solver && !state.Finished)
        {
            state = await SavedAsync(
                await ComputeAsync(() => search.Next(state, cancellationToken), cancellationToken));
            job.Progress.Report(new(0.1 + (0.8 * state.Progress), FormattableString.Invariant(
                $"{state.Tables} tables tried, relative error {state.Loss:g3}")));
        }

        return await ComputeAsync(
            () => search.Finish(state, cancellationToken, Fitting), cancellationToken);

        void Fitting(double done) =>
            job.Progress.Report(new(0.9 + (0.1 * done), "fitting what the tables carry on"));

        async Task<StepSearchState> SavedAsync(StepSearchState made)
        {
            await StepCheckpoint.SaveAsync(job, made.ToJson(), cancellationToken);
            return made;
        }
    }

    private async Task<StepSearchState> StartAsync(
        JobContext job, StepMethod method, StepSearch search, CancellationToken cancellationToken)
    {
        if (method != StepMethod.Solver)
            return await ComputeAsync(() => search.Start(cancellationToken), cancellationToken);
        var common = new CommonGaps(job);
        var gaps = await common.FindAsync(cancellationToken);
        if (gaps is null)
        {
            gaps = await ComputeAsync(() => search.Measure(cancellationToken), cancellationToken);
            await common.SaveAsync(gaps, cancellationToken);
        }

        return await ComputeAsync(() => search.Start(gaps, cancellationToken), cancellationToken);
    }

    private async Task<StepSearchReport> ChosenAsync(
        JobContext job, ScheduleSearchOptions options, StepProblems problems, CancellationToken cancellationToken)
    {
        job.Progress.Report(new(0, "measuring how the trajectories turn"));
        var choices = await ComputeAsync(() => problems.Choices(cancellationToken), cancellationToken);
        var settings = Settings(options, StepMethod.SolverSearch, problems.Dense) with { Aim = StepAim.Fine };
        using var search = new SolverSearch(problems.Fine, choices, settings, problems.Draw);
        var state = await StepCheckpoint.LatestAsync(job, cancellationToken) is { } text
            ? SolverSearchState.FromJson(text)
            : new SolverSearchState([]);
        while (!search.IsFinished(state))
        {
            state = await ComputeAsync(() => search.Next(state, cancellationToken), cancellationToken);
            await StepCheckpoint.SaveAsync(job, state.ToJson(), cancellationToken);
            var best = state.Candidates.MinBy(candidate => candidate.BestOnProbes)!;
            job.Progress.Report(new(0.95 * search.Progress(state), FormattableString.Invariant(
                $"{state.Candidates.Count} of {choices.Count} solvers tried, {best.Name}: {best.BestOnProbes:g3}")));
        }

        return await ComputeAsync(() => search.Finish(state, cancellationToken), cancellationToken);
    }

    private Task<T> ComputeAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        compute.RunAsync(() => Task.FromResult(work()), cancellationToken);

    private static StepSearchSettings Settings(
        ScheduleSearchOptions options, StepMethod method, StepProblem problem) => new(
        method, StepBudget.Runs(options.TotalMacs, options.Steps), options.Aim, options.Signs, options.Order,
        problem.Variants is null ? null : StepBudget.Macs(
            options.TotalMacs, problem.WholePrice));

    private static string MethodName(StepMethod method) =>
        method == StepMethod.Solver ? "forecast" : ScheduleSearchOptions.Name(method);
}
