using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>Forward passes that also hand out the feature maps for distillation.</summary>
internal static class ForwardPass
{
    /// <summary>One pass; output and maps belong to the caller's scope.</summary>
    public static Prediction Of(
        Denoiser model, TrainingBatch batch, bool features, IReadOnlyList<long[]?>? rows = null, Tensor? gates = null)
    {
        var maps = new List<Tensor>();
        var control = new LayerControl { Rows = rows, Gates = gates, Features = features ? maps : null };
        return new Prediction(model.Predict(batch.Noisy, batch.Times, batch.Labels, control), maps);
    }
}
