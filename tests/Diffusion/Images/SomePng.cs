using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Mlops.Tests.Diffusion.Images;

/// <summary>Writes PNG files of layouts that our writer never produces, using every row filter in turn.</summary>
public static class SomePng
{
    private static readonly int[][] Passes =
        [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

    public static byte[] Encode(
        int width, int height, int depth, int color, bool interlaced, int[] raw, byte[] palette)
    {
        var perPixel = raw.Length / (width * height);
        using var rows = new MemoryStream();
        foreach (var pass in interlaced ? Passes : [[0, 0, 1, 1]])
        {
            byte[]? above = null;
            for (var y = pass[1]; y < height; y += pass[3])
            {
                var samples = new List<int>();
                for (var x = pass[0]; x < width; x += pass[2])
                    samples.AddRange(raw.AsSpan(((y * width) + x) * perPixel, perPixel).ToArray());
                if (samples.Count == 0)
                    continue;
                var row = Pack(samples, depth);
                var step = Math.Max(1, perPixel * depth / 8);
                WriteFiltered(rows, (byte)(y % 5), row, above ?? new byte[row.Length], step);
                above = row;
            }
        }

        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)color, (byte)(interlaced ? 1 : 0));
        Chunk(file, "IHDR", header);
        if (color == 3)
            Chunk(file, "PLTE", palette);
        Chunk(file, "tEXt", "Comment\0two data chunks follow"u8.ToArray());
        var packed = Deflate(rows.ToArray());
        Chunk(file, "IDAT", packed[..(packed.Length / 2)]);
        Chunk(file, "IDAT", packed[(packed.Length / 2)..]);
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static byte[] Pack(List<int> samples, int depth)
    {
        var row = new byte[((samples.Count * depth) + 7) / 8];
        for (var i = 0; i < samples.Count; i++)
            if (depth == 16)
                BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(2 * i), (ushort)samples[i]);
            else
                row[i * depth / 8] |= (byte)(samples[i] << (8 - depth - (i * depth % 8)));
        return row;
    }

    private static void WriteFiltered(Stream rows, byte filter, byte[] row, byte[] above, int step)
    {
        rows.WriteByte(filter);
        for (var i = 0; i < row.Length; i++)
        {
            int left = i < step ? 0 : row[i - step], up = above[i], corner = i < step ? 0 : above[i - step];
            int p = left + up - corner, a = Math.Abs(p - left), b = Math.Abs(p - up), c = Math.Abs(p - corner);
            var guess = filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                _ => a <= b && a <= c ? left : b <= c ? up : corner,
            };
            rows.WriteByte((byte)(row[i] - guess));
        }
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(bytes);
        return packed.ToArray();
    }

    private static void Chunk(Stream file, string type, byte[] data)
    {
        var word = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(Encoding.ASCII.GetBytes(type));
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.HashToUInt32([.. Encoding.ASCII.GetBytes(type), .. data]));
        file.Write(word);
    }
}
