namespace Mlops.Platform.Objects;

/// <summary>
/// The fetched artifacts, a folder for each. Those that nobody asked for in a month make room for new ones.
/// </summary>
internal sealed class LocalCopies(string folder)
{
    private const int DigestLength = 64;

    // Longer than any job that works on what it fetched at its beginning.
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);

    // Of the process: stores that see the same folder through other eyes share it.
    private static readonly Lock Gate = new();

    /// <summary>Where the copy of an artifact is, or has to be.</summary>
    public string PathOf(string digest) => Path.Combine(folder, digest);

    /// <summary>Whether there is a copy; from now on it counts as used.</summary>
    public bool Use(string digest)
    {
        var copy = PathOf(digest);
        lock (Gate)
        {
            if (!Directory.Exists(copy))
                return false;
            TryTouch(copy);
            return true;
        }
    }

    /// <summary>A new folder to make a copy in.</summary>
    public string Begin()
    {
        ForgetUnused();
        return Directory.CreateDirectory(Path.Combine(folder, $"fetch-{Path.GetRandomFileName()}")).FullName;
    }

    private void ForgetUnused()
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var copy in Directory.EnumerateDirectories(folder, new string('?', DigestLength)))
            if (TryTakeAway(copy) is { } unused)
                Directory.Delete(unused, recursive: true);
    }

    private static void TryTouch(string copy)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(copy, DateTime.UtcNow);
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's copy can be read all the same.
        }
    }

    // Nobody finds it any more under its new name, so that the rest may take its time.
    private string? TryTakeAway(string copy)
    {
        lock (Gate)
        {
            if (Directory.GetLastWriteTimeUtc(copy) > DateTime.UtcNow - Memory)
                return null;
            var away = Path.Combine(folder, $"fetch-{Path.GetRandomFileName()}");
            try
            {
                Directory.Move(copy, away);
                return away;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Somebody else was faster, or replaces a damaged copy, or it is another user's.
                return null;
            }
        }
    }
}
