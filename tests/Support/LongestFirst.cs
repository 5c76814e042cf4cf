using Mlops.Tests.Cli;
using Mlops.Tests.EndToEnd;
using Mlops.Tests.Orchestrator;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Mlops.Tests.Support.LongestFirst", "Mlops.Tests")]

namespace Mlops.Tests.Support;

/// <summary>Starts the classes that take minutes first, so that all others fit into the time beside them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Long =
    [
        typeof(ChaosTests), typeof(LongJobTests), typeof(FrozenWorkerTests), typeof(CrashPointTests),
        typeof(WholeRunTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => Array.Exists(
            Long, type => collection.DisplayName.EndsWith($" {type.FullName}", StringComparison.Ordinal)));
}
