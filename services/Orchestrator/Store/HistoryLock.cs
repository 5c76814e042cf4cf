using System.Globalization;

namespace Mlops.Orchestrator.Store;

/// <summary>Keeps a second orchestrator off the same history, for as long as the process lives.</summary>
internal sealed class HistoryLock : IDisposable
{
    private readonly FileStream _file;

    private HistoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="ArgumentException">Another process has it.</exception>
    public static HistoryLock Take(string historyFile)
    {
        var path = $"{historyFile}.lock";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(
                Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new HistoryLock(file);
        }
        catch (IOException exception)
        {
            throw new ArgumentException(
                $"another process already drives the runs of '{historyFile}'; "
                + "wait until it ends or use another data folder",
                exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
