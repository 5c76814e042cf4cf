using Mlops.Orchestrator.Submission;

namespace Mlops.Tests.Orchestrator.Submission;

public sealed class RunIdsTests
{
    // python3 -c 'import uuid; print(uuid.uuid5(uuid.UUID("6f66d474-175c-5ef2-a718-528d3dda1761"), KEY))'
    [Theory]
    [InlineData("nightly-2026-01-31", "1c97b402-c944-5ef6-bf6b-62903fd8f2e6")]
    [InlineData("Größe", "ba0df4d1-249d-5592-8229-13e467a07752")]
    public void A_key_names_the_run_that_any_language_computes(string key, string expected)
    {
        Assert.Equal(Guid.Parse(expected), RunIds.From(key));
    }
}
