using System.Reflection;
using System.Runtime.InteropServices;

namespace Mlops.Orchestrator.History;

/// <summary>
/// Uses the distribution's SQLite, which gets security fixes, instead of the one inside the package, which is from 2021
/// and stays the fallback. Must happen before the first connection, and can happen only once.
/// </summary>
internal static class SystemSqlite
{
    private static readonly Lazy<bool> Redirected = new(Redirect);

    public static void Use() => _ = Redirected.Value;

    private static bool Redirect()
    {
        NativeLibrary.SetDllImportResolver(
            Assembly.Load("SQLitePCLRaw.provider.e_sqlite3"),
            (name, _, _) => name == "e_sqlite3" && NativeLibrary.TryLoad("libsqlite3.so.0", out var library)
                ? library
                : IntPtr.Zero);
        return true;
    }
}
