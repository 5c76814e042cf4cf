using System.Buffers.Binary;
using System.IO.Hashing;
using Mlops.Diffusion.Images;
using SkiaSharp;

namespace Mlops.Tests.Diffusion.Images;

public sealed class ImageFileTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 5, 3)]
    [InlineData(32, 32, 3)]
    [InlineData(33, 2, 1)]
    public void Writing_and_reading_gives_the_same_samples(int width, int height, int channels)
    {
        var image = Noise(width, height, channels);

        var again = ImageFile.Decode(ImageFile.EncodePng(image), "test");

        Assert.Equal((width, height, channels), (again.Width, again.Height, again.Channels));
        Assert.Equal(image.Samples, again.Samples);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(0, 4)]
    [InlineData(0, 8)]
    [InlineData(0, 16)]
    [InlineData(2, 8)]
    [InlineData(2, 16)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 4)]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(4, 16)]
    [InlineData(6, 8)]
    [InlineData(6, 16)]
    public void Every_color_type_and_depth_is_read_plain_and_interlaced(int color, int depth)
    {
        const int width = 11, height = 9;
        // 16-bit samples are cut, of color and of transparency alike.
        var margin = depth == 16 ? 2.5 : 1.5;
        var perPixel = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var random = new Random(color + depth);
        var palette = new byte[3 << Math.Min(depth, 8)];
        random.NextBytes(palette);
        var raw = new int[width * height * perPixel];
        for (var i = 0; i < raw.Length; i++)
            raw[i] = random.Next(1 << depth);

        foreach (var interlaced in new[] { false, true })
        {
            var file = SomePng.Encode(width, height, depth, color, interlaced, raw, palette);
            var image = ImageFile.Decode(file, "test");

            for (var p = 0; p < width * height; p++)
                for (var c = 0; c < image.Channels; c++)
                    Assert.InRange(image.Samples[(p * image.Channels) + c] - Expected(p, c), -margin, margin);
        }

        double Expected(int p, int c)
        {
            if (color == 3)
                return palette[(raw[p] * 3) + c];
            var largest = (1 << depth) - 1.0;
            var alpha = color is 4 or 6 ? raw[(p * perPixel) + perPixel - 1] / largest : 1;
            var channel = perPixel < 3 ? 0 : c;
            return (raw[(p * perPixel) + channel] / largest * 255 * alpha) + (255 * (1 - alpha));
        }
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Lossy_kinds_are_read_nearly_as_they_were(SKEncodedImageFormat kind)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(24, 16, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(200, 90, 30));
        using var data = bitmap.Encode(kind, 95);

        var image = ImageFile.Decode(data.ToArray(), "test");

        Assert.Equal((24, 16, 3), (image.Width, image.Height, image.Channels));
        Assert.InRange(image[12, 8, 0], 196, 204);
        Assert.InRange(image[12, 8, 2], 26, 34);
    }

    [Fact]
    public void Damage_is_found_and_named()
    {
        var sound = ImageFile.EncodePng(Noise(40, 40, 3));
        var flipped = (byte[])sound.Clone();
        flipped[sound.Length / 2] ^= 1;
        using var bitmap = SKBitmap.Decode(sound);
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);

        Assert.Contains("damaged", Refusal(flipped), StringComparison.Ordinal);
        Assert.Contains("damaged", Refusal(sound[..(sound.Length / 2)]), StringComparison.Ordinal);
        Assert.Contains("damaged", Refusal(jpeg.ToArray()[..^80]), StringComparison.Ordinal);
        Assert.Contains("not a picture", Refusal("no picture at all"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("empty", Refusal([]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_promises_too_much_is_refused_before_memory_is_taken()
    {
        var bytes = SomePng.Encode(1, 1, 8, 2, false, [1, 2, 3], []);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), 32768);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), 32768);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc32.HashToUInt32(bytes.AsSpan(12, 17)));

        Assert.Contains("make the picture smaller", Refusal(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_square_is_cut_from_the_center_and_scaled()
    {
        var samples = new byte[8 * 4];
        for (var i = 0; i < samples.Length; i++)
            samples[i] = (byte)(i % 8 is 2 or 3 ? 200 : i % 8 is 4 or 5 ? 100 : 0);

        var square = new RasterImage(8, 4, 1, samples).SquareRgb(4);
        var small = new RasterImage(8, 4, 1, samples).SquareRgb(1);

        Assert.Equal((4, 4, 3), (square.Width, square.Height, square.Channels));
        Assert.Equal(200, square[0, 0, 2]);
        Assert.Equal(100, square[3, 3, 0]);
        Assert.Equal(150, small[0, 0, 1]);
    }

    private static string Refusal(byte[] bytes) =>
        Assert.Throws<InvalidDataException>(() => ImageFile.Decode(bytes, "test")).Message;

    private static RasterImage Noise(int width, int height, int channels)
    {
        var samples = new byte[width * height * channels];
        new Random(1).NextBytes(samples);
        return new RasterImage(width, height, channels, samples);
    }
}
