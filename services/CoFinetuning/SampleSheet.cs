using Mlops.Diffusion.Images;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>A picture of what a freshly trained model draws, <c>samples.png</c>.</summary>
internal static class SampleSheet
{
    private const string FileName = "samples.png";
    private const int Columns = 10, Steps = 20;

    /// <summary>Samples the model of a folder with few deterministic steps, a column per class, and draws the sheet
    /// into that folder; of a model that makes no pictures nothing is drawn.</summary>
    public static void Write(
        Denoiser model, string folder, int count, long seed, CancellationToken cancellationToken)
    {
        if (count == 0 || model.SampleShape.Channels is not (1 or 3))
            return;
        using var scope = NewDisposeScope();
        model.eval();
        var (channels, height, width) = model.SampleShape;
        var noise = EqualNoise.Start(seed, 0, count, channels, height, width).to(model.Device);
        long[] classes =
            [.. Enumerable.Range(0, count).Select(i => (long)(i % Columns % Math.Max(1, model.Classes)))];
        var labels = model.Classes > 0 ? tensor(classes, device: model.Device) : null;
        var sampler = new Sampler(
            SamplerNames.Load(folder, SamplerNames.Auto), new SamplerOptions(Steps, seed, BatchSize: Columns));
        var images = sampler.Sample(Guidance.Plain(model), noise, labels, cancellationToken: cancellationToken);
        ImageGrid.Write(images, Path.Combine(folder, FileName), Columns);
    }
}
