using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Mlops.Platform.Objects;

/// <summary>
/// Moves a file to a path that nobody has taken: of many at once exactly one succeeds. The runtime's own move looks
/// first and renames then, so that two may win.
/// </summary>
internal static class ExclusiveMove
{
    private const int Exists = 17;

    /// <summary>Whether the file is there now; false if the path was taken.</summary>
    /// <exception cref="IOException">The file system refused for another reason.</exception>
    public static bool TryMove(string source, string target)
    {
        if (Link(source, target) == 0)
        {
            File.Delete(source);
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Exists
            ? false
            : throw new IOException($"'{target}' could not be made: {new Win32Exception(error).Message}");
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true, CharSet = CharSet.Ansi)]
    private static extern int Link(string source, string target);
}
