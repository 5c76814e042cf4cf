using System.ComponentModel.DataAnnotations;

namespace Mlops.SparseExport;

/// <summary>How the pruned model lies on disk.</summary>
public enum ExportFormat
{
    /// <summary>Native where a plain config can say it, else pruned.</summary>
    Auto,

    /// <summary>A smaller diffusers model: every tool loads it, no plan is needed.</summary>
    Native,

    /// <summary>Anything that a plan can say, with a loader for diffusers; its plain classes refuse it.</summary>
    Pruned,

    /// <summary>Dense shapes with zeros where something was removed: every tool loads it, nothing is saved.</summary>
    Padded,

    /// <summary>What auto writes, and the network once more as ONNX, a file for each variant.</summary>
    Onnx,
}

/// <summary>Settings of an export job.</summary>
public sealed record SparseExportOptions
{
    /// <summary>Kept ratio of the whole model's MACs, for exports that choose from scores.</summary>
    [Range(0.01, 1.0)]
    public double Macs { get; init; } = 0.65;

    /// <summary>Nominal share of channels to remove, as the papers
    /// state it; replaces the budget for channel scores.</summary>
    [Range(0.0, 0.99)]
    public double? Ratio { get; init; }

    /// <summary>Leave out only sets of layers that a plain <c>config.json</c> can say, so that the result is a smaller
    /// model for every tool; for exports that choose from scores of layers.</summary>
    public bool PlainConfig { get; init; }

    /// <summary>Layout on disk.</summary>
    public ExportFormat Format { get; init; } = ExportFormat.Auto;
}
