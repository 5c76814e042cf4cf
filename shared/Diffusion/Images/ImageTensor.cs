using static TorchSharp.torch;

namespace Mlops.Diffusion.Images;

/// <summary>Between image tensors in [−1, 1] and 8-bit pictures.</summary>
public static class ImageTensor
{
    /// <summary>Pictures of a batch [N, C, H, W] with C = 1 or 3; values outside [−1, 1] are clipped.</summary>
    /// <exception cref="InvalidDataException">the tensor has another shape.</exception>
    public static RasterImage[] ToRasters(Tensor images)
    {
        var shape = images.shape;
        if (shape.Length != 4 || shape[1] is not (1 or 3))
            throw new InvalidDataException(
                $"a picture needs a tensor [N, 1 or 3, H, W], but this one is [{string.Join(", ", shape)}].");
        using var scope = NewDisposeScope();
        int channels = (int)shape[1], height = (int)shape[2], width = (int)shape[3], size = channels * height * width;
        var values = images.Values();
        var rasters = new RasterImage[shape[0]];
        for (var n = 0; n < rasters.Length; n++)
        {
            var samples = new byte[size];
            for (var c = 0; c < channels; c++)
                for (var p = 0; p < height * width; p++)
                    samples[(p * channels) + c] = ToByte(values[(n * size) + (c * height * width) + p]);
            rasters[n] = new RasterImage(width, height, channels, samples);
        }

        return rasters;
    }

    /// <summary>Pictures of equal size as floats in [−1, 1], channel by channel: [N, C, H, W] row-major.</summary>
    public static void Fill(RasterImage image, Span<float> planes, bool mirrored = false)
    {
        var area = image.Width * image.Height;
        for (var y = 0; y < image.Height; y++)
            for (var x = 0; x < image.Width; x++)
                for (var c = 0; c < image.Channels; c++)
                    planes[(c * area) + (y * image.Width) + (mirrored ? image.Width - 1 - x : x)] =
                        (image[x, y, c] / 127.5f) - 1;
    }

    private static byte ToByte(float value) =>
        float.IsNaN(value) ? (byte)0 : (byte)Math.Clamp(Math.Round((value + 1) * 127.5), 0, 255);
}
