using Microsoft.Win32.SafeHandles;

namespace Mlops.Platform.Objects;

/// <summary>A file that appears under its name only when all of it was written and found right.</summary>
public static class VerifiedFile
{
    /// <summary>Writes beside the path and renames; when the writer throws, nothing stays.</summary>
    public static async Task WriteAsync(string path, Func<SafeFileHandle, Task> write)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}");
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
                await write(file);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
