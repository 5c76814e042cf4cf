using Mlops.Diffusion.Sampling;
using Mlops.Tests.Support;

namespace Mlops.Tests.Diffusion.Sampling;

public sealed class SamplerNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("DDPMScheduler", "ddim", "DDIMScheduler")]
    [InlineData("EulerDiscreteScheduler", "ddim", "DDIMScheduler")]
    [InlineData("FlowMatchEulerDiscreteScheduler", "flow-euler", "FlowMatchEulerDiscreteScheduler")]
    public void Auto_is_the_deterministic_sampler_of_the_models_family(string own, string name, string className)
    {
        Write(own);

        Assert.Equal(name, SamplerNames.Resolve(_folder.Path, SamplerNames.Auto));
        Assert.Equal(className, SamplerNames.Load(_folder.Path, SamplerNames.Auto).Options.ClassName);
    }

    [Fact]
    public void Another_sampler_keeps_the_models_betas_and_kind_of_prediction()
    {
        Write("DDPMScheduler", """, "beta_end": 0.012, "prediction_type": "v_prediction" """);

        var sampler = SamplerNames.Load(_folder.Path, "ddim");

        Assert.Equal("Velocity", sampler.Prediction.ToString());
        Assert.Equal(0.012, sampler.Options.Number("beta_end", 0));
    }

    [Theory]
    [InlineData("DDPMScheduler", "flow-euler")]
    [InlineData("FlowMatchEulerDiscreteScheduler", "ddim")]
    [InlineData("DDPMScheduler", "magic")]
    public void Sampler_that_is_unknown_or_does_not_fit_is_refused(string own, string name)
    {
        Write(own);

        var error = Assert.Throws<ArgumentException>(() => SamplerNames.Load(_folder.Path, name));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private void Write(string className, string more = "") => File.WriteAllText(
        _folder.File("scheduler_config.json"), $$"""{"_class_name": "{{className}}"{{more}}}""");
}
