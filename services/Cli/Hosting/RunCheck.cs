using Mlops.CoFinetuning;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Diffusion.Data;
using Mlops.Evaluation;
using Mlops.Evaluation.Generating;
using Mlops.ImportanceScoring;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;
using Mlops.ScheduleSearch;
using Mlops.SparseExport;

namespace Mlops.Cli.Hosting;

/// <summary>Refuses runs, before the first job of the first one, for what only a later job would refuse: every job is
/// held against the given model, and against the form of what the jobs before it will leave.</summary>
public sealed class RunCheck
{
    private const string Model = "model", Data = "data";

    private readonly GivenShape _given;
    private readonly DataDescription? _data;

    // By job: scores that are all 0, a step table that runs at every step, or the stages of a schedule of layers.
    private readonly Dictionary<string, object?> _left = [];

    private RunCheck(GivenShape given, DataDescription? data) => (_given, _data) = (given, data);

    /// <summary>Checks runs of the same inputs.</summary>
    /// <exception cref="ArgumentException">An unknown recipe, override or option.</exception>
    /// <exception cref="InvalidDataException">One sentence that says which job cannot be done, why, and what to do.
    /// </exception>
    public static async Task CheckAsync(
        ArtifactStore artifacts, IReadOnlyList<StartRun> commands, CancellationToken cancellationToken)
    {
        var planner = EmbeddedHost.CreatePlanner();
        var runs = commands.Select(command => planner.Plan(command, now: 0)).ToList();
        // Of a model that the run trains itself nothing is known yet.
        if (!commands[0].Inputs.TryGetValue(Model, out var model))
            return;
        using var given = GivenShape.Open(await artifacts.FetchAsync(model, cancellationToken));
        var data = await DescribedAsync(artifacts, commands[0].Inputs.GetValueOrDefault(Data), cancellationToken);
        // Runs that differ in the seed alone are as good as each other.
        foreach (var run in runs.DistinctBy(
            run => string.Join(' ', run.Jobs.Select(job => job.Settings).Prepend(run.Recipe))))
            new RunCheck(given, data).Check(run);
    }

    private static async Task<DataDescription?> DescribedAsync(
        ArtifactStore artifacts, ObjectRef? data, CancellationToken cancellationToken) =>
        data is not null
        && await artifacts.ReadFileAsync(data, DataDescription.FileName, cancellationToken) is { } description
            ? DataDescription.Parse(description, DataDescription.FileName)
            : null;

    private void Check(RunState run)
    {
        foreach (var job in run.Jobs.Where(job => job.Uses.GetValueOrDefault(Model) == Model))
            try
            {
                CheckData(job);
                _left[job.JobId] = Check(job);
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
            {
                throw new InvalidDataException(
                    $"recipe '{run.Recipe}', job '{job.JobId}': "
                    + exception.Message.ReplaceLineEndings("; "), exception);
            }
    }

    private void CheckData(JobState job)
    {
        if (_data is not { } data || job.Uses.GetValueOrDefault(Data) != Data)
            return;
        DataFit.CheckShape((data.Channels, data.Size, data.Size), _given.Network);
        if (job.Kind is JobKind.ScoreImportance or JobKind.CoFinetune)
            DataFit.CheckClasses(data.Classes, needed: job.Kind == JobKind.CoFinetune, _given.Network);
    }

    private object? Check(JobState job)
    {
        var scores = Left<ImportanceScores>("scores");
        switch (job.Kind)
        {
            case JobKind.ScoreImportance:
                return ImportanceScorer.Check(Options<ImportanceScoringOptions>(), _given);
            case JobKind.SearchSchedule:
                var search = Options<ScheduleSearchOptions>();
                return ScheduleSearcher.Check(search, _given, scores, job.Uses.Keys)
                    ?? (object?)search.Scheduled(scores);
            case JobKind.ExportSparse:
                if (scores is not null)
                    SparseExporter.Check(Options<SparseExportOptions>(), _given, scores);
                return Left<object>("schedule") ?? Left<object>("tuned");
            case JobKind.CoFinetune:
                var tuning = Options<CoFinetuneOptions>();
                CoFinetuner.Check(tuning, _given, Left<StageSchedule>("schedule")?.Stages.Count);
                // ALTER's router may leave the stages that it started from.
                return tuning.Mode == TrainingMode.Distil ? Left<object>("student") : null;
            case JobKind.Evaluate:
                Evaluator.Check(
                    Options<EvaluationOptions>(), _given, Left<StepTable>("pruned"), Left<StageSchedule>("pruned"));
                break;
            case JobKind.GenerateImages:
                ImageGenerator.Check(Options<ImageGeneratorOptions>(), _given);
                break;
        }

        return null;

        TOptions Options<TOptions>() where TOptions : class, new() => JobOptions.Read<TOptions>(job.Settings);

        T? Left<T>(string role) where T : class =>
            job.Uses.TryGetValue(role, out var source) ? _left.GetValueOrDefault(source) as T : null;
    }
}
