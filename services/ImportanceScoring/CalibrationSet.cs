using Mlops.Diffusion;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.ImportanceScoring;

/// <summary>Batches of images with noise, a function of the seed and the batch number alone.</summary>
internal sealed class CalibrationSet
{
    private readonly ImageSet _images;
    private readonly bool _labeled;
    private readonly long _seed;
    private readonly Device _device;

    /// <param name="model">The model whose sample shape and labels are needed.</param>
    /// <exception cref="InvalidDataException">Images and model do not fit.</exception>
    public CalibrationSet(string folder, Denoiser model, long seed, Device device)
    {
        (_images, _seed, _device, _labeled) = (ImageSet.Open(folder), seed, device, model.Classes > 0);
        DataFit.CheckShape(_images.Shape, model);
        DataFit.CheckClasses(_images.Classes, needed: false, model);
    }

    /// <summary>Refuses to look at some image twice.</summary>
    /// <exception cref="InvalidDataException">There are fewer images.</exception>
    public void Require(int samples)
    {
        if (_images.Count < samples)
            throw new InvalidDataException(
                $"calibration is to look at {samples} images, but the data has {_images.Count}; lower 'samples' or "
                + "give more images");
    }

    /// <summary>One batch, in the caller's dispose scope.</summary>
    /// <param name="number">Its noise is of this number.</param>
    /// <param name="first">Images before it; the last batch may be smaller than the others.</param>
    public CalibrationBatch Batch(long number, int first, int size)
    {
        var (clean, labels) = _images.Batch(_images.IndicesOf(_seed, first, size));
        using var generator = new Generator(Seeds.Of(_seed, "score-noise", number));
        var noise = randn(clean.shape, float32, CPU, generator: generator);
        return new CalibrationBatch(
            clean.to(_device), noise.to(_device), _labeled ? labels.to(_device) : null);
    }
}
