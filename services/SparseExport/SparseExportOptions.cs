using System.ComponentModel.DataAnnotations;

namespace Mlops.SparseExport;

/// <summary>How the pruned model lies on disk.</summary>
public enum ExportFormat
{
    /// <summary>Routed when the plan changes with the timestep; else
    /// native if a plain config can say it, else planned.</summary>
    Auto,

    /// <summary>A smaller diffusers model: every tool loads it, no plan is needed.</summary>
    Native,

    /// <summary>Removed or sliced weights and the plan that says which.</summary>
    Planned,

    /// <summary>Dense shapes with zeros where something was removed: every tool loads it, nothing is saved.</summary>
    Padded,

    /// <summary>All weights and a routing table.</summary>
    Routed,
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

    /// <summary>Layout on disk.</summary>
    public ExportFormat Format { get; init; } = ExportFormat.Auto;
}
