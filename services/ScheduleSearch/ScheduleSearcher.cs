using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.ScheduleSearch.Probing;
using Mlops.ScheduleSearch.Steps;

namespace Mlops.ScheduleSearch;

/// <summary>
/// A step table (<see cref="StepTableMaker"/>), a joint choice of layers (<see cref="JointSchedule"/>), MosaicDiff's
/// (<see cref="MosaicSchedule"/>), or Diff-ES (arXiv 2603.05105): finds how many layers every stage of the trajectory
/// can spare. Each generation's new candidates go out as one message each; after each generation the whole search is a
/// checkpoint.
/// </summary>
public sealed class ScheduleSearcher(ScoreCandidate score, ComputeSlot compute) : IJobWorker
{
    /// <inheritdoc/>
    public string OutputKind => "schedule";

    /// <inheritdoc/>
    public string Protocol => "search-schedule/2";

    /// <summary>The search waits for candidate workers, which need the cores.</summary>
    public bool UsesCompute => false;

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<ScheduleSearchOptions>();
        if (options.StepMethod is { } method)
        {
            await new StepTableMaker(compute).WriteAsync(job, options, method, outputFolder, cancellationToken);
            return;
        }

        if (options.IsMosaic)
        {
            await MosaicSchedule.WriteAsync(job, options, outputFolder, cancellationToken);
            return;
        }

        if (options.IsJoint)
        {
            await JointSchedule.WriteAsync(job, options, outputFolder, cancellationToken);
            return;
        }

        var (probe, state) = await SearchCheckpoint.LatestAsync(job, cancellationToken)
            ?? await StartAsync(job, options, cancellationToken);
        while (!EvolutionarySearch.IsFinished(state))
        {
            state = EvolutionarySearch.Next(state, await ScoreAsync(job, state, probe, cancellationToken));
            await SearchCheckpoint.SaveAsync(job, probe, state, cancellationToken);
        }

        var settings = Probe.LoadSettings(await job.Artifacts.FetchAsync(probe, cancellationToken));
        Write(state, options, settings, outputFolder);
    }

    private async Task<(ObjectRef Probe, SearchState State)> StartAsync(
        JobContext job, ScheduleSearchOptions options, CancellationToken cancellationToken)
    {
        var (probe, settings) = await ProbeMaker.StoreAsync(job, options, compute, cancellationToken);
        var evolution = new EvolutionSettings(
            options.Survivors, options.Offspring, options.Generations, options.Moves, options.MaxLevels,
            options.Patience);
        var state = EvolutionarySearch.Start(Space(options, settings), evolution, job.Order.Seed);
        await SearchCheckpoint.SaveAsync(job, probe, state, cancellationToken);
        return (probe, state);
    }

    private static SearchSpace Space(ScheduleSearchOptions options, ProbeSettings probe) =>
        options.Level is { } level
            ? SearchSpace.OfLevels(probe.Orders.Bounds.Count, probe.Orders.MaxLevel, probe.Orders.Bounds.Count * level)
            : SearchSpace.OfMacs(probe.KeptMacs, options.Macs, exact: options.Budget == "macs");

    private async Task<IReadOnlyDictionary<string, double>> ScoreAsync(
        JobContext job, SearchState state, ObjectRef probe, CancellationToken cancellationToken)
    {
        var pending = EvolutionarySearch.Pending(state);
        var best = state.Best is null ? "none yet" : $"{EvolutionarySearch.BestFitness(state):g4}";
        var answered = 0;
        var scores = await Task.WhenAll(pending.Select(ScoreOneAsync));
        return scores.ToDictionary();

        async Task<KeyValuePair<string, double>> ScoreOneAsync(int[] levels)
        {
            var candidate = new EvaluateCandidate(job.RunId, job.Order.JobId, probe, levels);
            var fitness = await score(candidate, cancellationToken);
            var share = Interlocked.Increment(ref answered) / (double)pending.Count;
            job.Progress.Report(new(
                (state.Generation + share) / (state.Settings.Generations + 1),
                $"generation {state.Generation} of {state.Settings.Generations}, best fitness {best}"));
            return new(SearchState.Key(levels), fitness);
        }
    }

    private static void Write(
        SearchState state, ScheduleSearchOptions options, ProbeSettings probe, string outputFolder)
    {
        // The uniform schedule is the first of the initial population, so the archive always knows it.
        var uniform = InitialPopulation.Create(state.Space, 1, state.Seed)[0];
        var best = Scored(state.Best!);
        var schedule = new SearchedSchedule(
            SearchedSchedule.CurrentFormat, probe.Orders.Bounds, probe.Orders.Orders, options.Budget, options.Macs,
            state.Space.Budget, probe.Metric, probe.Protocol, best, Scored(uniform), state.Archive.Count,
            state.History);
        schedule.Save(outputFolder);
        PlanFile.Save(probe.Orders.ToPlan(best.Levels, best.KeptRatio), outputFolder);

        ScoredSchedule Scored(int[] levels) =>
            new(levels, state.Archive[SearchState.Key(levels)], probe.KeptRatio(levels));
    }
}
