using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Stages;

namespace Mlops.Tests.Pruning.Stages;

public sealed class MosaicStagesTests
{
    private const string Linear = """{"_class_name": "DDPMScheduler", "beta_schedule": "linear"}""";

    // From the formula alone, with √ᾱ before timestep 0 taken as 1.
    [Theory]
    [InlineData(1e-4, 81, 568)]
    [InlineData(0, 97, 603)]
    public void The_middle_stage_of_the_linear_schedule_is_where_a_sample_changes_fastest(
        double snrWeight, int first, int last)
    {
        var stages = MosaicStages.Of(NoiseSchedulers.Parse(Linear), snrWeight, 0.5);

        Assert.Equal([0, first, last + 1], stages.Bounds.Starts);
        Assert.Equal(1, stages.Importance.Index().MaxBy(stage => stage.Item).Index);
    }

    [Theory]
    [InlineData(0.35)]
    [InlineData(0.8)]
    public void Sparsities_have_the_wanted_mean_and_the_middle_has_least(double wanted)
    {
        var stages = MosaicStages.Of(NoiseSchedulers.Parse(Linear), 1e-4, 0.5);

        var sparsities = stages.Sparsities(wanted, most: 0.95);

        Assert.Equal(wanted, sparsities.Select((value, stage) => value * stages.Bounds.Share(stage)).Sum(), 1e-12);
        Assert.All(sparsities, value => Assert.InRange(value, 0, 0.95));
        Assert.True(sparsities[1] < sparsities[0] && sparsities[1] < sparsities[2]);
    }

    [Fact]
    public void What_gives_no_three_stages_is_refused()
    {
        var flow = Assert.Throws<InvalidDataException>(() => MosaicStages.Of(
            NoiseSchedulers.Parse("""{"_class_name": "FlowMatchEulerDiscreteScheduler"}"""), 1e-4, 0.5));
        var low = Assert.Throws<InvalidDataException>(
            () => MosaicStages.Of(NoiseSchedulers.Parse(Linear), 0.01, 0.5));
        var much = Assert.Throws<InvalidDataException>(
            () => MosaicStages.Of(NoiseSchedulers.Parse(Linear), 1e-4, 0.5).Sparsities(0.97, most: 0.95));

        Assert.Contains("flow models lack", flow.Message);
        Assert.Contains("raise peak-share", low.Message);
        Assert.Contains("macs 0.03 cannot be reached", much.Message);
    }
}
