using Mlops.Pruning.Search;

namespace Mlops.ScheduleSearch;

/// <summary>Whose settings Diff-ES takes where the options leave it open.</summary>
public enum SearchProfile
{
    /// <summary>For networks whose layers cost unequally and for machines without much time.</summary>
    Small,

    /// <summary>As the published code (arXiv 2603.05105) has them for DiT.</summary>
    Paper,
}

/// <summary>The settings of a profile, with what the options say instead.</summary>
/// <param name="Blocks">A level is one layer more, not a quantum of MACs.</param>
/// <param name="CurveLevels">Levels of each stage whose damage is measured alone.</param>
/// <param name="CheckProbes">Fresh noises of the last choice.</param>
/// <param name="Evolution">Of the search itself.</param>
internal sealed record SearchSettings(bool Blocks, int CurveLevels, int CheckProbes, EvolutionSettings Evolution)
{
    private static readonly int[] Screening = [4, 16];

    private static readonly SearchSettings Paper = new(true, 0, 0, new(4, 16, 50, 1, 5, 0, []));
    private static readonly SearchSettings Small = new(false, 16, 64, new(2, 12, 12, 1, 8, 0, Screening));

    /// <summary>Probes that measure the damage of single levels: those of the round before the last.</summary>
    public int CurveProbes => Evolution.Rounds[Math.Max(0, Evolution.Rounds.Count - 2)];

    /// <summary>The profile of the options, changed by what they say.</summary>
    public static SearchSettings Of(ScheduleSearchOptions options)
    {
        var profile = options.Profile == SearchProfile.Paper ? Paper : Small;
        var evolution = profile.Evolution;
        var rounds = options.Screening ?? evolution.Rounds.Where(probes => probes < options.Probes);
        return new(
            options.Budget is { } budget ? budget == "levels" : profile.Blocks,
            options.CurveLevels ?? profile.CurveLevels,
            options.CheckProbes ?? profile.CheckProbes,
            new(
                options.Survivors ?? evolution.Survivors, options.Offspring ?? evolution.Offspring,
                options.Generations ?? evolution.Generations, options.Moves,
                options.MaxLevels ?? evolution.MaxLevels, options.Patience, [.. rounds, options.Probes]));
    }

    /// <summary>What options say that does not go together, a sentence each.</summary>
    public static IEnumerable<string> Mistakes(ScheduleSearchOptions options)
    {
        if (options.Level is { } level && !Of(options).Blocks)
            yield return $"option 'level' is {level}, but the budget is MACs; set budget to levels or drop it";
        if (options.Quantum is { } quantum && Of(options).Blocks)
            yield return FormattableString.Invariant($"option 'quantum' is {quantum}, but a level is one layer more; ")
                + "set budget to macs or drop it";
        var rounds = options.Screening ?? [];
        if (rounds.Any(probes => probes < 1) || rounds.Zip(rounds.Skip(1)).Any(pair => pair.First >= pair.Second))
            yield return $"option 'screening' is [{string.Join(", ", rounds)}]; it must be numbers of probes that rise";
        else if (rounds.Count > 0 && rounds[^1] >= options.Probes)
            yield return $"option 'screening' asks for {rounds[^1]} probes and the last round for more, but there are "
                + $"only {options.Probes}; raise 'probes' or screen on fewer";
        if (options is { Trajectory: true, Metric: "img_ssim" })
            yield return "option 'trajectory' judges noisy states, which img_ssim cannot; take a latent_ metric";
    }
}
