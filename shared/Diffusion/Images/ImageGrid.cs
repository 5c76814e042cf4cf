using static TorchSharp.torch;

namespace Mlops.Diffusion.Images;

/// <summary>Pictures side by side, enlarged so that a person can judge them.</summary>
public static class ImageGrid
{
    private const int Gap = 4;

    /// <summary>Writes pairs from equal noise: each column is one start noise; the first row shows the dense model, the
    /// second the pruned one, the third their difference (gray = equal, contrast doubled). A colored bar at the left
    /// marks the rows: blue dense, green pruned, orange difference.</summary>
    /// <param name="dense">[N, C, H, W] in [−1, 1].</param>
    /// <param name="pruned">Same shape, same start noise.</param>
    /// <param name="scale">Nearest-neighbor enlargement; 0 picks 2 to 4 from the image size.</param>
    public static void WritePairs(Tensor dense, Tensor pruned, string path, int scale = 0)
    {
        if (!dense.shape.SequenceEqual(pruned.shape))
            throw new InvalidDataException(
                $"pairs need equal shapes, but dense is [{string.Join(", ", dense.shape)}] and pruned "
                + $"[{string.Join(", ", pruned.shape)}].");
        using var difference = pruned - dense;
        RasterImage[][] rows =
            [ImageTensor.ToRasters(dense), ImageTensor.ToRasters(pruned), ImageTensor.ToRasters(difference)];
        ImageFile.WritePng(Compose(rows, scale, [[52, 101, 164], [78, 154, 6], [206, 110, 0]]), path);
    }

    /// <summary>Writes one batch [N, C, H, W] as a grid of <paramref name="columns"/> columns.</summary>
    public static void Write(Tensor images, string path, int columns = 8, int scale = 0) =>
        File.WriteAllBytes(path, Encode(images, columns, scale));

    /// <summary>The same grid as the bytes of a PNG.</summary>
    public static byte[] Encode(Tensor images, int columns = 8, int scale = 0) => ImageFile.EncodePng(
        Compose([.. ImageTensor.ToRasters(images).Chunk(Math.Max(1, columns))], scale, []));

    /// <summary>Lays rows of equally large pictures on a white sheet.</summary>
    /// <param name="scale">Enlargement; 0 picks 2 to 4.</param>
    /// <param name="bars">Color of the bar left of each row; empty for none.</param>
    public static RasterImage Compose(RasterImage[][] rows, int scale, byte[][] bars)
    {
        var first = rows[0][0];
        var factor = scale > 0 ? scale : Math.Clamp(128 / first.Width, 2, 4);
        int cellWidth = (first.Width * factor) + Gap, cellHeight = (first.Height * factor) + Gap;
        var margin = bars.Length > 0 ? 3 * Gap : Gap;
        var width = margin + (cellWidth * rows.Max(row => row.Length));
        var height = Gap + (cellHeight * rows.Length);
        var sheet = new byte[width * height * 3];
        Array.Fill(sheet, (byte)255);
        for (var r = 0; r < rows.Length; r++)
        {
            var top = Gap + (r * cellHeight);
            if (r < bars.Length)
                Paint(sheet, width, Gap, top, Gap, first.Height * factor, (_, _, c) => bars[r][c]);
            for (var i = 0; i < rows[r].Length; i++)
            {
                var image = rows[r][i];
                Paint(sheet, width, margin + (i * cellWidth), top, image.Width * factor, image.Height * factor,
                    (x, y, c) => image[x / factor, y / factor, image.Channels == 1 ? 0 : c]);
            }
        }

        return new RasterImage(width, height, 3, sheet);
    }

    private static void Paint(
        byte[] sheet, int sheetWidth, int left, int top, int width, int height, Func<int, int, int, byte> color)
    {
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
                for (var c = 0; c < 3; c++)
                    sheet[((((top + y) * sheetWidth) + left + x) * 3) + c] = color(x, y, c);
    }
}
