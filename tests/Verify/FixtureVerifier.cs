using Mlops.Diffusion.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>
/// Walks a folder of reference fixtures and compares every case with what is built here. A broken case is a failed one
/// and the walk goes on.
/// </summary>
/// <param name="placement">Where networks compute; samplers and scores are compared in float32 on the CPU only.</param>
public sealed class FixtureVerifier(Placement placement)
{
    private static readonly string[] Marks =
        ["case.json", "io.safetensors", "trajectory.safetensors", "grads.safetensors"];

    private readonly List<IFixtureCheck> _checks =
        placement is { Device.type: DeviceType.CPU, Dtype: ScalarType.Float32 }
            ? [new TaylorCheck(), new ModelCheck(placement), new TrainingCheck(placement), new TrajectoryCaseCheck(),
                new SchedulerCaseCheck()]
            : [new ModelCheck(placement), new TrainingCheck(placement)];

    /// <summary>Runs every case below a folder, in order of path; the results come as they are made.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">The folder holds no fixtures.</exception>
    public IEnumerable<CaseResult> Verify(string folder, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder} does not exist; give a folder of reference fixtures.");
        var root = Path.GetFullPath(folder);
        var found = Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories).Prepend(root)
            .Where(candidate => Marks.Any(mark => File.Exists(Path.Combine(candidate, mark))))
            .Order(StringComparer.Ordinal).ToList();
        var tables = Directory.EnumerateFiles(root, CountTable.FileName, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).ToList();
        if (found.Count == 0 && tables.Count == 0)
            throw new InvalidDataException($"{folder} holds no fixtures: no case.json in it or below it.");
        return Results();

        IEnumerable<CaseResult> Results()
        {
            foreach (var table in tables)
                foreach (var result in CountTable.Verify(table, Name(root, Path.GetDirectoryName(table)!)))
                    yield return result;
            foreach (var candidate in found)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return VerifyCase(Name(root, candidate), candidate, cancellationToken);
            }
        }
    }

    private CaseResult VerifyCase(string name, string folder, CancellationToken cancellationToken)
    {
        // The boundary of a case: whatever is wrong with it must not end the walk.
        try
        {
            var fixture = FixtureCase.Open(name, folder);
            if (_checks.FirstOrDefault(check => check.Handles(fixture)) is not { } check)
                return CaseResult.Skipped(name, "no check for this kind of case");
            return check.NotBuilt(fixture) is { } reason
                ? CaseResult.Skipped(name, reason)
                : CaseResult.From(name, check.Run(fixture, cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return CaseResult.Broken(name, exception.Message.ReplaceLineEndings(" "));
        }
    }

    private static string Name(string root, string folder) => root == folder
        ? Path.GetFileName(root) : Path.GetRelativePath(root, folder).Replace('\\', '/');
}
