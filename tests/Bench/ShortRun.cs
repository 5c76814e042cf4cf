using Mlops.Contracts;
using Mlops.Contracts.Commands;

namespace Mlops.Bench;

/// <summary>
/// A run of all five services that takes about a second, gives the same bytes every time, and means nothing: for
/// measuring and disturbing everything around the work.
/// </summary>
public static class ShortRun
{
    /// <summary>The recipe.</summary>
    public const string Recipe = "alter";

    /// <summary>Starts one, under a new id.</summary>
    public static StartRun Command(
        IReadOnlyDictionary<string, ObjectRef> inputs, IReadOnlyDictionary<string, string> settings) =>
        new(Guid.NewGuid(), Recipe, inputs, settings);

    /// <summary>Its overrides; the seed makes runs differ, so that none is answered from the cache.</summary>
    public static IReadOnlyDictionary<string, string> Settings(int seed) => new Dictionary<string, string>
    {
        ["seed"] = BenchmarkTable.Number(seed),
        ["scores.samples"] = "2", ["scores.stages"] = "2", ["scores.probes"] = "2", ["scores.steps"] = "2",
        ["schedule.stages"] = "2", ["schedule.generations"] = "1", ["schedule.probes"] = "1",
        ["schedule.steps"] = "2", ["schedule.survivors"] = "1", ["schedule.offspring"] = "1",
        ["tuned.steps"] = "2", ["tuned.batch-size"] = "2", ["tuned.checkpoint-every"] = "1",
        ["tuned.probes"] = "2", ["tuned.probe-steps"] = "2", ["tuned.score-images"] = "2",
        ["evaluation.images"] = "2", ["evaluation.batch"] = "1", ["evaluation.steps"] = "2",
        ["evaluation.real-images"] = "0", ["evaluation.loss-images"] = "2", ["evaluation.pairs"] = "2",
        // Times differ from one execution to the next; everything else does not.
        ["evaluation.timing-rounds"] = "0",
    };

    /// <summary>The same for the run that trains the tiny model which all others prune.</summary>
    public static IReadOnlyDictionary<string, string> WithModel() => new Dictionary<string, string>(Settings(0))
    {
        ["model.steps"] = "2", ["model.batch-size"] = "2", ["model.widths"] = "[8,8]", ["model.layers-per-block"] = "1",
    };
}
