namespace Mlops.Diffusion.Images;

/// <summary>The five row filters (PNG specification, section 9).</summary>
public static class PngFilter
{
    /// <summary>Reconstructs a row in place.</summary>
    /// <param name="type">Filter byte of the row.</param>
    /// <param name="row">Filtered bytes.</param>
    /// <param name="above">The reconstructed row above; zeros for the first.</param>
    /// <param name="pixelBytes">Distance of the left neighbour.</param>
    /// <param name="name">For the error message.</param>
    public static void Undo(byte type, Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes, string name)
    {
        if (type > 4)
            throw new InvalidDataException($"{name}: row filter {type} does not exist; the file is damaged.");
        for (var i = 0; i < row.Length; i++)
        {
            int left = i < pixelBytes ? 0 : row[i - pixelBytes], up = above[i];
            var corner = i < pixelBytes ? 0 : above[i - pixelBytes];
            row[i] += (byte)(type switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, corner),
                _ => 0,
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int guess = left + up - corner;
        int toLeft = Math.Abs(guess - left), toUp = Math.Abs(guess - up), toCorner = Math.Abs(guess - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
