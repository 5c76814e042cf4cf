using SkiaSharp;

namespace Mlops.Diffusion.Images;

/// <summary>Reads and writes picture files with Skia, the library behind Chrome's pictures.</summary>
public static class ImageFile
{
    /// <summary>The kinds of files that are read.</summary>
    public static readonly IReadOnlyList<string> Extensions = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];

    // 8192² pixels decode to 256 MiB; a file of a few hundred kilobytes can claim far more.
    private const long MaxPixels = 1L << 26;

    /// <summary>Whether the name is that of a picture.</summary>
    public static bool HasKnownExtension(string path) =>
        Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a file as gray (if it is stored so) or RGB. Transparency is laid over white, 16-bit samples are
    /// cut to 8 bits, embedded color profiles are not applied, and a camera's orientation is.</summary>
    /// <exception cref="InvalidDataException">The file is no picture, or damaged, or too large.</exception>
    public static RasterImage Read(string path) => Decode(File.ReadAllBytes(path), path);

    /// <summary>Reads the bytes of a file; <paramref name="name"/> is for error messages.</summary>
    public static RasterImage Decode(byte[] file, string name)
    {
        if (file.Length == 0)
            throw new InvalidDataException($"{name} is empty; copy the picture again.");
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw new InvalidDataException(
            $"{name} is not a picture that can be read; save it as PNG, JPEG or WebP.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MaxPixels)
            throw new InvalidDataException(
                $"{name} is {width}x{height} pixels; at most {MaxPixels} pixels are read, make the picture smaller.");
        // Skia calls a JPEG complete that stops in the middle.
        if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && !EndsLikeJpeg(file))
            throw Damaged(name);
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
            throw Damaged(name);
        using var upright = Upright(bitmap, codec.EncodedOrigin);
        return OverWhite(upright ?? bitmap, codec.Info.ColorType == SKColorType.Gray8);
    }

    /// <summary>Writes a PNG file, replacing an old one.</summary>
    public static void WritePng(RasterImage image, string path) => File.WriteAllBytes(path, EncodePng(image));

    /// <summary>The bytes of a PNG file.</summary>
    public static byte[] EncodePng(RasterImage image)
    {
        var (pixels, type) = image.Channels == 1
            ? (image.Samples, SKColorType.Gray8)
            : (WithAlpha(image.Samples), SKColorType.Rgba8888);
        using var picture = SKImage.FromPixelCopy(
            new SKImageInfo(image.Width, image.Height, type, SKAlphaType.Opaque), pixels);
        using var encoded = picture.Encode(SKEncodedImageFormat.Png, quality: 100);
        return encoded.ToArray();
    }

    private static InvalidDataException Damaged(string name) =>
        new($"{name} is damaged or cut short; copy the picture again.");

    private static bool EndsLikeJpeg(byte[] file) =>
        file.AsSpan(Math.Max(0, file.Length - 64)).IndexOf([(byte)0xFF, (byte)0xD9]) >= 0;

    // Null where the picture stands upright already.
    private static SKBitmap? Upright(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        if (origin == SKEncodedOrigin.TopLeft)
            return null;
        var turned = origin >= SKEncodedOrigin.LeftTop;
        var upright = new SKBitmap(bitmap.Info.WithSize(
            turned ? bitmap.Height : bitmap.Width, turned ? bitmap.Width : bitmap.Height));
        for (var y = 0; y < upright.Height; y++)
            for (var x = 0; x < upright.Width; x++)
            {
                var (column, row) = turned ? (y, x) : (x, y);
                if (origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight
                    or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom)
                    column = bitmap.Width - 1 - column;
                if (origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft
                    or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom)
                    row = bitmap.Height - 1 - row;
                upright.SetPixel(x, y, bitmap.GetPixel(column, row));
            }
        return upright;
    }

    private static RasterImage OverWhite(SKBitmap bitmap, bool isGray)
    {
        var channels = isGray ? 1 : 3;
        var pixels = bitmap.GetPixelSpan();
        var samples = new byte[bitmap.Width * bitmap.Height * channels];
        for (var p = 0; p < bitmap.Width * bitmap.Height; p++)
        {
            var alpha = pixels[(4 * p) + 3];
            for (var c = 0; c < channels; c++)
                samples[(p * channels) + c] =
                    (byte)(((pixels[(4 * p) + c] * alpha) + (255 * (255 - alpha)) + 127) / 255);
        }
        return new RasterImage(bitmap.Width, bitmap.Height, channels, samples);
    }

    private static byte[] WithAlpha(byte[] rgb)
    {
        var rgba = new byte[rgb.Length / 3 * 4];
        for (var p = 0; p < rgb.Length / 3; p++)
        {
            rgb.AsSpan(3 * p, 3).CopyTo(rgba.AsSpan(4 * p));
            rgba[(4 * p) + 3] = 255;
        }
        return rgba;
    }
}
