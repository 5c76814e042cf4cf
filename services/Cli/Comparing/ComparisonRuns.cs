using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Comparing;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Errors;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Comparing;

/// <summary>Carries out the runs of a comparison. Equal jobs are found in the cache, so the same command again goes on
/// where it was stopped.</summary>
public sealed class ComparisonRuns(IRunHost host, Terminal terminal)
{
    private const string PairsFile = "pairs.png";

    /// <summary>Runs all cells: at a server all at once, for its workers to share; in this process one after the other,
    /// so that none is timed beside another.</summary>
    /// <returns>The evaluations; null if the user interrupted.</returns>
    /// <exception cref="ArgumentException">A run was refused.</exception>
    /// <exception cref="InvalidDataException">A run failed by what it was given.</exception>
    /// <exception cref="ServiceUnavailableException">A run failed for another reason.</exception>
    public async Task<IReadOnlyList<ComparedRun>?> RunAsync(
        IReadOnlyList<ComparisonPlan.Cell> cells, bool atOnce, CancellationToken cancellationToken)
    {
        var session = new RunSession(host, terminal);
        if (atOnce)
            foreach (var cell in cells)
                await host.StartAsync(cell.Command, cancellationToken);
        var compared = new List<ComparedRun>();
        foreach (var cell in cells)
        {
            var seed = cell.Command.Settings["seed"];
            terminal.Text.WriteLine($"{compared.Count + 1} of {cells.Count}: {FormattableString.Invariant(
                $"{cell.Name} at {cell.Budget}, seed {seed}")}");
            var outcome = atOnce
                ? await session.WatchAsync(cell.Command.RunId, cancellationToken)
                : await session.ExecuteAsync(cell.Command, cancellationToken);
            if (outcome is RunOutcome.Completed)
            {
                var run = await host.FindAsync(cell.Command.RunId.ToString("N"), cancellationToken);
                compared.Add(await ReadAsync(host.Artifacts, run, cell.Name, cell.Budget, cancellationToken));
                continue;
            }

            if (atOnce)
                foreach (var rest in cells.Skip(compared.Count + 1))
                    await host.CancelAsync(rest.Command.RunId, CancellationToken.None);
            if (outcome is RunOutcome.Failed failed)
                throw Failure($"run {cell.Command.RunId:N} ({cell.Name}): {failed.Reason}", failed.BadInput);
            return null;
        }

        return compared;
    }

    private static Exception Failure(string sentence, bool badInput) =>
        badInput ? new InvalidDataException(sentence) : new ServiceUnavailableException(sentence);

    /// <summary>The evaluation of a finished run.</summary>
    /// <exception cref="InvalidDataException">It has none, or one of an earlier version.</exception>
    public static async Task<ComparedRun> ReadAsync(
        ArtifactStore artifacts, RunResponse run, string name, double? budget, CancellationToken cancellationToken)
    {
        var evaluation = run.OutputOf(JobKind.Evaluate)
            ?? throw new InvalidDataException($"run {run.RunId:N} ({run.Recipe}) has no evaluation to compare");
        var folder = await artifacts.FetchAsync(evaluation, cancellationToken);
        var pairs = Path.Combine(folder, PairsFile);
        return new(
            name, budget, run.RunId, EvaluationReport.Load(folder), PairDistances.Load(folder),
            File.Exists(pairs) ? await File.ReadAllBytesAsync(pairs, cancellationToken) : null);
    }
}
