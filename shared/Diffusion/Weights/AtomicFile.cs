namespace Mlops.Diffusion.Weights;

/// <summary>Files that appear whole or not at all: written beside their place, then renamed into it.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file; when writing fails (disk full,
    /// cancelled) nothing is left and an old file stays.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        Stage(path, write).Commit();
    }

    /// <summary>Writes text as UTF-8 with a final line end.</summary>
    public static void WriteText(string path, string text) => Write(path, stream =>
        stream.Write(System.Text.Encoding.UTF8.GetBytes(text.EndsWith('\n') ? text : text + "\n")));

    /// <summary>Writes the temporary file; the caller renames it when everything else is written too.</summary>
    internal static StagedFile Stage(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var staged = new StagedFile($"{full}.{Guid.NewGuid():n}.tmp", full);
        try
        {
            using var stream = new FileStream(staged.Temporary, FileMode.CreateNew, FileAccess.Write);
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        catch
        {
            staged.Discard();
            throw;
        }
        return staged;
    }
}

/// <summary>A file that is written but not yet in its place.</summary>
internal sealed record StagedFile(string Temporary, string Target)
{
    public void Commit() => File.Move(Temporary, Target, overwrite: true);

    public void Discard() => File.Delete(Temporary);
}
