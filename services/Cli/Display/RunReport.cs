using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Api;

namespace Mlops.Cli.Display;

/// <summary>A run with all that it found, for programs.</summary>
/// <param name="Sentence">What came of it.</param>
/// <param name="Evaluation">The measurements; null without an evaluation.</param>
/// <param name="Curves">Of the jobs that led there.</param>
/// <param name="Folder">Where the results were written; null if they were not.</param>
public sealed record RunReport(
    RunResponse Run, string Sentence, EvaluationReport? Evaluation, IReadOnlyList<Chart> Curves, string? Folder = null)
{
    /// <summary>A run whose results are in a folder.</summary>
    public static RunReport From(RunResponse run, DirectoryInfo folder)
    {
        var report = File.Exists(Path.Combine(folder.FullName, EvaluationReport.FileName))
            ? EvaluationReport.Load(folder.FullName)
            : null;
        return new(run, RunSentence.Of(run), report, report?.Charts ?? [], folder.FullName);
    }
}
