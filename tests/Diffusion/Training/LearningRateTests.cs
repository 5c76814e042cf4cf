using Mlops.Diffusion.Training;

namespace Mlops.Tests.Diffusion.Training;

public sealed class LearningRateTests
{
    [Theory]
    [InlineData(0, 0.25)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(9, 0.55)]
    [InlineData(14, 0.1)]
    [InlineData(99, 0.1)]
    public void Warm_up_then_cosine_to_the_floor(long step, double rate) =>
        Assert.Equal(rate, new LearningRate(1, WarmUp: 4, Total: 14, Cosine: true, Floor: 0.1).At(step), 5e-13);

    [Fact]
    public void Without_options_the_rate_is_constant() => Assert.Equal(2e-4, new LearningRate(2e-4).At(12345));
}
