using Mlops.Diffusion.Devices;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Devices;

/// <summary>What <c>MLOPS_DEVICE</c> and <c>precision</c> may
/// say, and what is answered where there is no card.</summary>
public sealed class ComputeDeviceTests
{
    [Theory]
    [InlineData("cpu")]
    [InlineData("CPU")]
    public void The_processor_is_always_there(string setting) => Assert.Equal("cpu", ComputeDevice.Resolve(setting));

    [Fact]
    public void Auto_takes_the_first_card_or_the_processor() =>
        Assert.Equal(cuda.is_available() ? "cuda:0" : "cpu", ComputeDevice.Resolve("auto"));

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:one")]
    public void Other_words_are_refused(string setting)
    {
        var refused = Assert.Throws<ArgumentException>(() => ComputeDevice.Resolve(setting));

        Assert.Equal($"MLOPS_DEVICE is '{setting}'; it must be auto, cpu, cuda or cuda:N", refused.Message);
    }

    [Fact]
    public void A_card_beyond_the_last_is_refused_with_what_is_there()
    {
        var cards = cuda.is_available() ? cuda.device_count() : 0;

        var refused = Assert.Throws<ArgumentException>(() => ComputeDevice.Resolve($"cuda:{cards}"));

        Assert.StartsWith($"MLOPS_DEVICE is 'cuda:{cards}', but there is no", refused.Message);
        Assert.Contains(cards == 0 ? "use auto or cpu" : $"the last one here is cuda:{cards - 1}", refused.Message);
    }

    [Fact]
    public void Bfloat16_on_a_processor_that_emulates_it_is_a_warning_with_the_measured_slow_down()
    {
        var warnings = new List<string>();

        var placement = Placement.Create("cpu", Precision.Bfloat16, warnings.Add);

        Assert.Equal(ScalarType.BFloat16, placement.Dtype);
        if (ComputeDevice.Bfloat16Slowdown() > 1)
            Assert.Matches(@"^bfloat16 takes \d+\.\d times as long as float32 on this CPU; ", Assert.Single(warnings));
        else
            Assert.Empty(warnings);
    }
}
