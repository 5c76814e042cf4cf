using Mlops.Contracts;

namespace Mlops.Orchestrator.Schedules;

/// <summary>What happens at a planned time while the run of an earlier one is still under way.</summary>
public enum OverlapPolicy
{
    /// <summary>The occurrence is skipped.</summary>
    Forbid,

    /// <summary>Both run.</summary>
    Allow,

    /// <summary>The earlier run is cancelled; the new one starts once that has ended.</summary>
    Replace,
}

/// <summary>What happens to planned times that passed while no process was there to see them.</summary>
public enum CatchUpPolicy
{
    /// <summary>The latest of them runs.</summary>
    Last,

    /// <summary>They are skipped.</summary>
    None,

    /// <summary>Each of them runs.</summary>
    All,
}

/// <summary>A run that is started again and again.</summary>
/// <param name="Name">Lower-case words joined by hyphens; part of the id of every run it starts.</param>
/// <param name="Cron">Five fields as in a crontab, or Quartz's six or seven with the seconds first.</param>
/// <param name="Zone">IANA time zone in which the cron expression is read.</param>
/// <param name="Recipe">A recipe's name, or its whole text.</param>
/// <param name="Inputs">Artifacts the runs are given: <c>data</c> always, <c>model</c> if there is one.</param>
/// <param name="Settings">Overrides of the recipe, as text.</param>
public sealed record ScheduleDefinition(
    string Name, string Cron, string Zone, string Recipe, IReadOnlyDictionary<string, ObjectRef> Inputs,
    IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>The value of the setting <c>seed</c> that stands for a seed of each run's own.</summary>
    public const string SeedPerRun = "per-run";

    /// <summary>What happens when the earlier run is still under way.</summary>
    public OverlapPolicy Overlap { get; init; }

    /// <summary>Minutes after its planned time up to which a run may still start; null for any time.</summary>
    public int? DeadlineMinutes { get; init; }

    /// <summary>What happens to planned times that no process saw.</summary>
    public CatchUpPolicy CatchUp { get; init; }

    /// <summary>Whether a better result takes the place of the champion.</summary>
    public bool Champion { get; init; } = true;

    /// <summary>The measurement on which a challenger must be better; null for any but the latency.</summary>
    public string? Primary { get; init; }

    /// <summary>Whether its planned times pass without a run.</summary>
    public bool Paused { get; init; }

    /// <summary>Since when its planned times count, in Unix milliseconds: added, or resumed after a pause.</summary>
    public long SinceMs { get; init; }
}
