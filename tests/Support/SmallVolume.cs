using System.Diagnostics;

namespace Mlops.Tests.Support;

/// <summary>A real file system of a few megabytes, so that a disk can be full.</summary>
public sealed class SmallVolume : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SmallVolume(int mebibytes) => Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "mlops-test", Path);

    /// <summary>Where it is mounted.</summary>
    public string Path => _folder.File("volume");

    public void Dispose()
    {
        Run("umount", Path);
        _folder.Dispose();
    }

    private void Run(string program, params string[] arguments)
    {
        Directory.CreateDirectory(Path);
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} of a small volume ended with {process.ExitCode}");
    }
}

/// <summary>A test that mounts something, counted as skipped where the user may not.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (Environment.UserName != "root")
            Skip = "only root may mount a small volume to fill";
    }
}
