using Mlops.Diffusion.Devices;
using Mlops.Tests.Support;
using Mlops.Verify;

namespace Mlops.Tests.Diffusion.Fixtures;

public sealed class FixtureVerifierTests
{
    [ReferenceTheory]
    [InlineData("models", 5)]
    [InlineData("counts", 3)]
    [InlineData("training", 4)]
    [InlineData("trajectories", 10)]
    [InlineData("schedulers", 24)]
    public void Every_case_of_a_built_family_passes(string area, int atLeast)
    {
        var results = new FixtureVerifier(Placement.Cpu).Verify(Reference.Path($"goldens/{area}")).ToList();

        Assert.Empty(results.Where(result => result.Outcome == CaseOutcome.Failed).Select(result => result.ToString()));
        Assert.InRange(results.Count(result => result.Outcome == CaseOutcome.Passed), atLeast, results.Count);
    }
}
