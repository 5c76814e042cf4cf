using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Stages;
using Mlops.Tests.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Importance;

/// <summary>Criteria of layers see the network as a guided sampler will.</summary>
public sealed class GuidedScoresTests
{
    private const double Scale = 3;

    /// <summary>Without the channels of a predicted variance.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(Scale)]
    public void Output_loss_is_that_of_the_guided_output_computed_half_by_half(double scale)
    {
        using var scope = NewDisposeScope();
        var (model, scheduler, batch) = Some();
        var sums = new double[1][] { new double[model.Layers.Count] };

        // A stage of one timestep, so that both sides ask at the same one.
        new OutputLoss(model, scheduler, scale).Accumulate(batch, StageBounds.Even(1, 1), 0, sums, default);

        for (var layer = 0; layer < model.Layers.Count; layer++)
            Assert.Equal(
                (Guided(LayerControl.Without(layer, model.Layers)) - Guided(null)).square().mean().item<float>() * 2,
                sums[0][layer], 1e-5);

        Tensor Guided(LayerControl? control)
        {
            var asked = batch.At(scheduler, [0, 0]);
            var (label, none) = (Half(batch.Labels!), Half(full_like(batch.Labels!, model.NullLabel!.Value)));
            return none + (scale * (label - none));

            Tensor Half(Tensor labels) => model.Predict(asked.Noisy, asked.Times, labels, control).narrow(1, 0, 4);
        }
    }

    [Fact]
    public void Cosine_score_sums_the_labeled_and_the_unlabeled_half()
    {
        using var scope = NewDisposeScope();
        var (model, scheduler, batch) = Some();

        var (guided, labeled, unlabeled) = (
            Sums(batch, Scale), Sums(batch, 1),
            Sums(batch with { Labels = full_like(batch.Labels!, model.NullLabel!.Value) }, 1));

        for (var layer = 0; layer < guided.Length; layer++)
            Assert.Equal(labeled[layer] + unlabeled[layer], guided[layer], 1e-5);

        double[] Sums(CalibrationBatch images, double guidance)
        {
            var sums = new double[1][] { new double[model.Layers.Count] };
            new BlockCosine(model, scheduler, guidance).Accumulate(images, StageBounds.Even(1), 7, sums, default);
            return sums[0];
        }
    }

    private static (Denoiser Model, NoiseScheduler Scheduler, CalibrationBatch Batch) Some()
    {
        var model = SomeModels.Awake(SomeModels.DiT);
        var scheduler = NoiseSchedulers.Parse("""{"_class_name": "DDPMScheduler", "beta_schedule": "linear"}""");
        using var generator = new Generator(4);
        return (model, scheduler, new(
            randn([2L, 4, 8, 8], generator: generator), randn([2L, 4, 8, 8], generator: generator),
            tensor(new long[] { 1, 3 })));
    }
}
