namespace Mlops.Diffusion.Images;

/// <summary>Capital letters of 3 x 5 dots for words in a picture: no font of the machine is needed.</summary>
public static class PixelFont
{
    /// <summary>Dots from one letter to the next.</summary>
    public const int Advance = 4;

    /// <summary>Dots of a letter's height.</summary>
    public const int Height = 5;

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.,+/%'():";

    // A digit a row from the top, its three bits the dots from the left.
    private static readonly string[] Rows =
    [
        "25755", "65656", "34443", "65556", "74647", "74644", "34553", "55755", "72227", "11152", "55655", "44447",
        "57755", "65555", "25552", "65644", "25573", "65655", "34216", "72222", "55557", "55552", "55775", "55255",
        "55222", "71247", "25552", "26227", "61247", "61216", "55711", "74616", "34656", "71222", "25252", "35316",
        "00700", "00002", "00024", "02720", "11244", "51245", "22000", "12221", "42224", "02020",
    ];

    /// <summary>The dots of a line of text, from its upper left corner; an unknown letter is a gap.</summary>
    public static IEnumerable<(int X, int Y)> Dots(string text) =>
        from place in Enumerable.Range(0, text.Length)
        let letter = Letters.IndexOf(char.ToUpperInvariant(text[place]))
        where letter >= 0
        from y in Enumerable.Range(0, Height)
        from x in Enumerable.Range(0, Advance - 1)
        where ((Rows[letter][y] - '0') & (4 >> x)) != 0
        select ((place * Advance) + x, y);
}
