namespace Mlops.Platform.Errors;

/// <summary>What somebody probably meant.</summary>
public static class Suggestion
{
    // More than a third of a word wrong is another word.
    private const int LettersPerSlip = 3;

    /// <summary><c> (did you mean 'steps'?)</c>, or nothing if no known name is near.</summary>
    public static string For(string name, IEnumerable<string> known)
    {
        var nearest = known.MinBy(candidate => Distance(name, candidate));
        return nearest is not null && Distance(name, nearest) <= Math.Max(name.Length, 3) / LettersPerSlip
            ? $" (did you mean '{nearest}'?)"
            : "";
    }

    // Levenshtein's: insertions, deletions and replacements.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(
                    Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[b.Length];
    }
}
