using Mlops.Contracts;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Search;
using Mlops.ScheduleSearch.Probing;

namespace Mlops.ScheduleSearch;

/// <summary>
/// Diff-ES (arXiv 2603.05105) as a job: finds how much every stage of the trajectory can spare. Damage curves of single
/// stages give it a start, a tournament of generations improves that, and fresh noises have the last word. Candidates
/// go out as one message each; after each round the whole search is a checkpoint.
/// </summary>
internal sealed class StageSearch(
    ScoreCandidate score, ComputeSlot compute, JobContext job, ScheduleSearchOptions options)
{
    // Parts of the job's progress.
    private const double Curves = 0.2, Generations = 0.9;

    private readonly SearchSettings _settings = SearchSettings.Of(options);

    /// <summary>The schedules that a search may visit.</summary>
    /// <param name="steps">Sampler steps of every stage.</param>
    /// <exception cref="InvalidDataException">None keeps the budget.</exception>
    public static SearchSpace Space(
        StageLevels levels, IReadOnlyList<int> steps, ScheduleSearchOptions options) => levels.Quantum is { } quantum
        ? SearchSpace.OfQuanta(levels.MaxLevel, steps, quantum, options.Macs)
        : options.Level is { } level
            ? level <= levels.MaxLevel
                ? SearchSpace.OfLevels(steps.Count, levels.MaxLevel, steps.Count * level)
                : throw new InvalidDataException(
                    $"option 'level' is {level}, but a stage has levels 0 to {levels.MaxLevel}; choose one of these")
            : SearchSpace.OfUniform(levels.Kept, steps, options.Macs);

    /// <summary>Writes the plan and how it was found.</summary>
    public async Task WriteAsync(string outputFolder, CancellationToken cancellationToken)
    {
        var settings = await ProbeMaker.SettingsAsync(job, options, cancellationToken);
        var (probe, state) = await SearchCheckpoint.LatestAsync(job, cancellationToken)
            ?? await StartAsync(settings, cancellationToken);
        state = await EvolveAsync(probe, state, cancellationToken);

        // What the search started from may be what fresh noises prefer.
        int[][] finalists = [.. state.Survivors.Concat(state.Starts).DistinctBy(SearchState.Key)];
        var fresh = settings.CheckProbes == 0
            ? null
            : await ScoreAsync(
                finalists, new(probe, settings.Probes, settings.CheckProbes), _ => new(Generations, "the last choice"),
                cancellationToken);
        var best = finalists.MaxBy(levels => fresh?[SearchState.Key(levels)] ?? state.Fitness(levels))!;
        var schedule = Result(state, settings, best, fresh);
        schedule.Save(outputFolder);
        await StagePlan.WriteAsync(
            job, compute, settings.Levels, best, StageLevels.Method, outputFolder, cancellationToken);
        job.Progress.Report(new(1, Summary(schedule, settings.CheckProbes)));
    }

    private async Task<SearchState> EvolveAsync(
        ObjectRef probe, SearchState state, CancellationToken cancellationToken)
    {
        // Stored while the next round is scored: workers need not wait for it.
        var saving = Task.CompletedTask;
        try
        {
            while (!EvolutionarySearch.IsFinished(state))
            {
                var scores = await ScoreAsync(
                    EvolutionarySearch.Pending(state), new(probe, 0, state.Probes), Progress(state),
                    cancellationToken);
                state = EvolutionarySearch.Next(state, scores);
                await saving;
                saving = SearchCheckpoint.SaveAsync(job, probe, state, cancellationToken);
            }
        }
        finally
        {
            await saving;
        }

        return state;
    }

    private async Task<(ObjectRef Probe, SearchState State)> StartAsync(
        ProbeSettings settings, CancellationToken cancellationToken)
    {
        var space = Space(settings.Levels, settings.StageSteps, options);
        job.Progress.Report(new(0, "sampling the dense model"));
        var probe = await ProbeMaker.StoreAsync(job, settings, compute, cancellationToken);
        var curves = _settings.CurveLevels > 0 ? await MeasureAsync(settings, probe, cancellationToken) : [];
        List<int[]> starts = [InitialPopulation.First(space, options.Start, job.Order.Seed)];
        if (curves.Count > 0)
            starts.Add(space.Cheapest([.. curves.Select((curve, stage) => DamageCurves.Complete(
                settings.Levels.Skips[stage], curve.Levels, curve.Damages))]));
        var state = EvolutionarySearch.Start(
            space, _settings.Evolution, job.Order.Seed, starts, hybrid: options.Start == SearchStart.Hybrid)
            with { Curves = curves };
        await SearchCheckpoint.SaveAsync(job, probe, state, cancellationToken);
        return (probe, state);
    }

    private async Task<IReadOnlyList<DamageCurve>> MeasureAsync(
        ProbeSettings settings, ObjectRef probe, CancellationToken cancellationToken)
    {
        var stages = settings.StageSteps.Count;
        int[][] points =
            [.. settings.Levels.Skips.Select(skips => DamageCurves.Points(skips, _settings.CurveLevels))];
        var scores = await ScoreAsync(
            [
                new int[stages],
                .. points.SelectMany((levels, stage) => levels.Select(level => Alone(stages, stage, level))),
            ],
            new(probe, 0, _settings.CurveProbes),
            share => new(Curves * share, "measuring what each stage can spare"), cancellationToken);
        return
        [
            .. points.Select((levels, stage) => new DamageCurve(levels,
                [.. levels.Select(level => Fitness(new int[stages]) - Fitness(Alone(stages, stage, level)))])),
        ];

        double Fitness(int[] levels) => scores[SearchState.Key(levels)];
    }

    private static int[] Alone(int stages, int stage, int level)
    {
        var levels = new int[stages];
        levels[stage] = level;
        return levels;
    }

    private Func<double, JobProgress> Progress(SearchState state)
    {
        var best = state.Generation == 0 ? "none yet" : $"{EvolutionarySearch.BestFitness(state):g4}";
        var activity = $"generation {state.Generation} of {state.Settings.Generations}, best fitness {best}";
        return share =>
        {
            var generations = state.Generation + ((state.Round + share) / state.Settings.Rounds.Count);
            return new(
                Curves + ((Generations - Curves) * generations / (state.Settings.Generations + 1)), activity);
        };
    }

    private async Task<IReadOnlyDictionary<string, double>> ScoreAsync(
        IReadOnlyList<int[]> schedules, Noises noises, Func<double, JobProgress> progress,
        CancellationToken cancellationToken)
    {
        var answered = 0;
        var scores = await Task.WhenAll(schedules.Select(ScoreOneAsync));
        return scores.ToDictionary();

        async Task<KeyValuePair<string, double>> ScoreOneAsync(int[] levels)
        {
            var fitness = await score(
                new(job.RunId, job.Order.JobId, noises.Probe, levels, noises.First, noises.Count), cancellationToken);
            job.Progress.Report(progress(Interlocked.Increment(ref answered) / (double)schedules.Count));
            return new(SearchState.Key(levels), fitness);
        }
    }

    private SearchedSchedule Result(
        SearchState state, ProbeSettings settings, int[] best, IReadOnlyDictionary<string, double>? fresh)
    {
        var curves = state.Curves.Count == 0
            ? 0
            : (1L + state.Curves.Sum(curve => curve.Levels.Count)) * _settings.CurveProbes;
        var check = settings.CheckProbes * (1L + (fresh?.Count ?? 0));
        return new(
            SearchedSchedule.CurrentFormat, settings.Levels.Bounds, settings.StageSteps,
            _settings.Blocks ? "levels" : "macs", settings.Levels.Quantum, options.Macs,
            state.Space.Budget, settings.Metric, settings.Protocol, Scored(best),
            options.Start is SearchStart.Hybrid or SearchStart.Uniform ? Scored(state.Starts[0]) : null,
            state.Curves.Count > 0 ? Scored(state.Starts[1]) : null,
            (settings.Probes + curves + state.Samples + check) * settings.Calls, state.Curves, state.History);

        ScoredSchedule Scored(int[] levels) => new(
            levels, state.Fitness(levels), fresh?[SearchState.Key(levels)], settings.KeptRatio(levels));
    }

    private static string Summary(SearchedSchedule schedule, int fresh) =>
        $"{schedule.Metric} {Beside(schedule.Best.Fitness, schedule.Uniform?.Fitness)} on the search's noises; "
        + (fresh == 0 ? ""
            : $"{Beside(schedule.Best.FreshFitness, schedule.Uniform?.FreshFitness)} on {fresh} fresh ones; ")
        + FormattableString.Invariant($"{schedule.NetworkEvaluations} network evaluations");

    private static string Beside(double? best, double? uniform) => FormattableString.Invariant($"{best:g4}")
        + (uniform is null ? "" : FormattableString.Invariant($", uniform {uniform:g4}"));

    /// <summary>Which noises of a probe judge.</summary>
    private sealed record Noises(ObjectRef Probe, int First, int Count);
}
