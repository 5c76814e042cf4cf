using Mlops.Contracts.Evaluations;
using Mlops.SparseExport;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>What people are told about an exported model: its card, and the one line that loads it.</summary>
public static class ExportedModel
{
    /// <summary>How to load and call the model of a results folder.</summary>
    public const string ResultFile = "result.txt";

    // Of the files and of speed: they hold for the format that was evaluated.
    private static readonly string[] OfTheFormat = ["size", "speed", "memory"];

    /// <summary>Puts the evaluation into the card; nothing happens in a folder that is no export.</summary>
    public static void AddEvaluation(DirectoryInfo model, EvaluationReport? report)
    {
        if (report is null || ExportRecord.Load(model.FullName) is not { } record)
            return;
        var rows = report.Main
            .Where(number => record.Format != "padded" || !OfTheFormat.Contains(number.Group))
            .Select(number => new CardRow(
                number.Label, number.Dense, number.Pruned,
                number.Protocol));
        ModelCard.Write(
            model.FullName, record, [.. rows],
            [.. report.Verdict.Checks.Select(check => $"{check.Outcome}: {check.Sentence}")]);
    }

    /// <summary>Writes <c>result.txt</c> into a results folder: how to load and call its model.</summary>
    /// <returns>Its text; null in a folder without an exported model.</returns>
    public static string? WriteResult(DirectoryInfo results)
    {
        var lines = Lines(Model(results));
        if (lines is not null)
            File.WriteAllText(Path.Combine(results.FullName, ResultFile), lines);
        return lines;
    }

    /// <summary>Prints the line that loads the model.</summary>
    public static void WriteLine(DirectoryInfo model, IAnsiConsole console)
    {
        // Not folded, so that it can be copied.
        if (ExportRecord.Load(model.FullName) is { } record)
            console.Profile.Out.Writer.WriteLine(record.Use.Line(model.FullName));
    }

    /// <summary>The model of a results folder.</summary>
    public static DirectoryInfo Model(DirectoryInfo results) => new(Path.Combine(results.FullName, "model"));

    private static string? Lines(DirectoryInfo model) => ExportRecord.Load(model.FullName) is { } record
        ? $"""
            from diffusers import DiffusionPipeline

            {record.Use.Line(model.FullName)}
            images = pipe({record.Use.Arguments}).images
            {(record.Onnx is { } onnx ? $"# {onnx.Summary()}\n" : "")}
            """
        : null;
}
