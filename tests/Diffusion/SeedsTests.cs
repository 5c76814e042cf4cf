using Mlops.Diffusion;

namespace Mlops.Tests.Diffusion;

public sealed class SeedsTests
{
    [Fact]
    public void Seeds_never_change_between_versions() =>
        Assert.Equal(61405578080505035UL, Seeds.Of(1, "train", 2));

    [Fact]
    public void Seed_purpose_and_index_each_matter_and_fit_a_signed_number()
    {
        ulong[] seeds = [Seeds.Of(1, "a"), Seeds.Of(2, "a"), Seeds.Of(1, "b"), Seeds.Of(1, "a", 1), Seeds.Of(-1, "a")];

        Assert.Equal(seeds.Length, seeds.Distinct().Count());
        Assert.All(seeds, seed => Assert.True(seed <= long.MaxValue));
    }
}
