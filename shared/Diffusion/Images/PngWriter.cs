using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mlops.Diffusion.Images;

/// <summary>Writes 8-bit grey or RGB PNG files, not interlaced.</summary>
public static class PngWriter
{
    /// <summary>Writes a file, replacing it.</summary>
    public static void Write(RasterImage image, string path) => File.WriteAllBytes(path, Encode(image));

    /// <summary>The bytes of a PNG file.</summary>
    public static byte[] Encode(RasterImage image)
    {
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        header[8] = 8;
        header[9] = (byte)(image.Channels == 1 ? 0 : 2);
        Chunk(file, "IHDR", header);
        Chunk(file, "IDAT", Compress(image));
        Chunk(file, "IEND", []);

        return file.ToArray();
    }

    private static byte[] Compress(RasterImage image)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var stride = image.Width * image.Channels;
            var filtered = new byte[stride + 1];
            for (var y = 0; y < image.Height; y++)
            {
                var row = image.Samples.AsSpan(y * stride, stride);
                // Filter 2 (difference to the row above) serves enlarged pictures, whose rows repeat.
                filtered[0] = (byte)(y == 0 ? 0 : 2);
                for (var i = 0; i < stride; i++)
                    filtered[i + 1] = (byte)(row[i] - (y == 0 ? 0 : image.Samples[((y - 1) * stride) + i]));
                zlib.Write(filtered);
            }
        }

        return packed.ToArray();
    }

    private static void Chunk(Stream file, string type, byte[] data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        var name = Encoding.ASCII.GetBytes(type);
        file.Write(name);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.Of(name, data));
        file.Write(word);
    }
}
