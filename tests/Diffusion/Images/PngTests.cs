using System.Buffers.Binary;
using Mlops.Diffusion.Images;

namespace Mlops.Tests.Diffusion.Images;

public sealed class PngTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 5, 3)]
    [InlineData(32, 32, 3)]
    [InlineData(33, 2, 1)]
    public void Writing_and_reading_gives_the_same_samples(int width, int height, int channels)
    {
        var image = Noise(width, height, channels);

        var again = PngReader.Decode(PngWriter.Encode(image), "test");

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
    public void Every_colour_type_and_depth_is_read_plain_and_interlaced(int colour, int depth)
    {
        const int width = 11, height = 9;
        var perPixel = colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var random = new Random(colour + depth);
        var palette = new byte[3 << Math.Min(depth, 8)];
        random.NextBytes(palette);
        var raw = new int[width * height * perPixel];
        for (var i = 0; i < raw.Length; i++)
            raw[i] = random.Next(1 << depth);

        foreach (var interlaced in new[] { false, true })
        {
            var file = SomePng.Encode(width, height, depth, colour, interlaced, raw, palette);
            var image = PngReader.Decode(file, "test");

            for (var p = 0; p < width * height; p++)
                for (var c = 0; c < image.Channels; c++)
                    Assert.InRange(image.Samples[(p * image.Channels) + c] - Expected(p, c), -1, 1);
        }

        double Expected(int p, int c)
        {
            if (colour == 3)
                return palette[(raw[p] * 3) + c];
            var largest = (1 << depth) - 1.0;
            var alpha = colour is 4 or 6 ? raw[(p * perPixel) + perPixel - 1] / largest : 1;
            return (raw[(p * perPixel) + c] / largest * 255 * alpha) + (255 * (1 - alpha));
        }
    }

    [Fact]
    public void Damage_is_found_and_named()
    {
        var sound = PngWriter.Encode(Noise(6, 6, 3));
        var flipped = (byte[])sound.Clone();
        flipped[50] ^= 1;

        Assert.Contains("checksum", Refusal(flipped), StringComparison.Ordinal);
        Assert.Contains("cut short", Refusal(sound[..^20]), StringComparison.Ordinal);
        Assert.Contains("cut short", Refusal(sound[..40]), StringComparison.Ordinal);
        Assert.Contains("signature", Refusal([0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0, 0]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_promises_too_much_is_refused_before_memory_is_taken()
    {
        var bytes = SomePng.Encode(1, 1, 8, 2, false, [1, 2, 3], []);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), 32768);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(20), 32768);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(29), Crc32.Of(bytes.AsSpan(12, 4), bytes.AsSpan(16, 13)));

        Assert.Contains("make the image smaller", Refusal(bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_square_is_cut_from_the_centre_and_scaled()
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
        Assert.Throws<InvalidDataException>(() => PngReader.Decode(bytes, "test")).Message;

    private static RasterImage Noise(int width, int height, int channels)
    {
        var samples = new byte[width * height * channels];
        new Random(1).NextBytes(samples);
        return new RasterImage(width, height, channels, samples);
    }
}
