using Mlops.Tests.Cli;
using Mlops.Tests.EndToEnd;
using Mlops.Tests.Orchestrator;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Mlops.Tests.Support.LongestFirst", "Mlops.Tests")]

namespace Mlops.Tests.Support;

/// <summary>Starts the classes that take minutes first, the longest before the others, so that the rest fits into the
/// time beside them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    // By rising time.
    private static readonly Type[] Long =
    [
        typeof(PrunedAgainTests), typeof(WholeRunTests), typeof(CrashPointTests), typeof(EveryRecipeTests),
        typeof(DocumentedCommandsTests), typeof(FrozenWorkerTests), typeof(LongJobTests), typeof(ChaosTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => Array.FindLastIndex(
            Long, type => collection.DisplayName.EndsWith($" {type.FullName}", StringComparison.Ordinal)));
}
