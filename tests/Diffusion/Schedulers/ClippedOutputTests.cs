using Mlops.Diffusion;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Schedulers;

/// <summary>DDIM while its clip acts, against diffusers 0.40.0: <c>DDIMScheduler(1000, beta_schedule=
/// "squaredcos_cap_v2")</c>, five steps, the network 0.9·tanh(0.7·x) − 0.3·x mirrored.</summary>
public sealed class ClippedOutputTests
{
    private static readonly float[][] Inconsistent =
    [
        [1.59595323f, -1.55314505f, 0.574796081f, -0.169784337f],
        [1.51288152f, -1.51376343f, 0.585266173f, -0.0874205381f],
        [1.31869185f, -1.31867528f, 0.546595752f, -0.0150493681f],
        [1.00672901f, -1.00672901f, 0.466637731f, 0.0415368676f],
        [1f, -1f, 0.46490249f, 0.0422693305f],
    ];

    private static readonly float[][] Consistent =
    [
        [2.02910495f, -1.55314505f, 0.574796081f, -0.169784337f],
        [1.86264789f, -1.44534862f, 0.585266173f, -0.0874205381f],
        [1.51656055f, -1.22731972f, 0.546595752f, -0.0150493681f],
        [1.01141751f, -0.937388599f, 0.466637731f, 0.0415368676f],
        [1f, -0.932127118f, 0.46490249f, 0.0422693305f],
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ddim_steps_as_the_reference_library_with_and_without_use_clipped_model_output(bool clipped)
    {
        using var scope = NewDisposeScope();
        var scheduler = NoiseSchedulers.Parse("""
            {"_class_name": "DDIMScheduler", "beta_schedule": "squaredcos_cap_v2", "prediction_type": "epsilon",
             "clip_sample": true}
            """);
        scheduler.SetTimesteps(5);
        var options = new StepOptions(UseClippedModelOutput: clipped);
        var state = tensor([2.0f, -1.5f, 0.5f, -0.25f]).reshape(1, 1, 2, 2);

        for (var step = 0; step < 5; step++)
        {
            var output = (tanh(state * 0.7) * 0.9) - (state.flip(-1) * 0.3);
            state = scheduler.Step(output, step, state, options: options);

            var expected = (clipped ? Consistent : Inconsistent)[step];
            Assert.All(
                expected.Zip(state.Values()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }
}
