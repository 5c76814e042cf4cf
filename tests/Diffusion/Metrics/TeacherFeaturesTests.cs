using Mlops.Diffusion.Metrics;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Tests.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class TeacherFeaturesTests
{
    private static readonly NoiseScheduler Scheduler = NoiseSchedulers.Parse("""{"_class_name": "DDPMScheduler"}""");

    [Fact]
    public void Features_are_rows_per_image_and_do_not_depend_on_the_batch_size()
    {
        using var scope = NewDisposeScope();
        using var teacher = ModelFamily.Create(SomeModels.UNet, 1);
        var (channels, height, width) = teacher.SampleShape;
        var images = rand([5, channels, height, width], generator: new Generator(3));
        var features = new TeacherFeatures(teacher, Scheduler);

        var whole = features.Compute(images);
        var split = features.Compute(images, batchSize: 2);

        Assert.Equal(5, whole.shape[0]);
        Assert.True(whole.shape[1] > 3);
        Assert.InRange((whole - split).abs().max().item<double>(), 0, 1e-5);
        Assert.NotEqual(0, (whole[0] - whole[1]).abs().max().item<double>());
    }

    [Fact]
    public void The_protocol_names_layer_level_and_teacher()
    {
        using var first = ModelFamily.Create(SomeModels.UNet, 1);
        using var second = ModelFamily.Create(SomeModels.UNet, 2);

        var protocol = new TeacherFeatures(first, Scheduler).Protocol;

        Assert.Contains("mid_block", protocol, StringComparison.Ordinal);
        Assert.Equal(protocol, new TeacherFeatures(first, Scheduler).Protocol);
        Assert.NotEqual(protocol, new TeacherFeatures(second, Scheduler).Protocol);
        Assert.NotEqual(protocol, new TeacherFeatures(first, Scheduler, level: 0.1).Protocol);
    }
}
