using System.Diagnostics;
using System.Security.Cryptography;
using Minio;
using Minio.DataModel.Args;
using Mlops.Contracts;
using Mlops.Platform.Objects;
using Mlops.Platform.Objects.S3;
using Spectre.Console;

namespace Mlops.Bench;

/// <summary>
/// What verification costs: loading an artifact from the folder store, and a large file up and down S3 against the same
/// server by the Minio client alone, without our digests.
/// </summary>
/// <param name="home">Where the files go for the time of the measurement.</param>
/// <param name="server">The S3 server; null measures the folder store alone.</param>
public sealed class StoreBenchmark(DirectoryInfo home, StoreOptions? server, int mebibytes, IAnsiConsole progress)
{
    private const int Rounds = 5;
    private const int Files = 4;
    private const double WantedLoad = 1000;
    private const double WantedRatio = 0.8;
    private const string RawKey = "bench/raw";

    private readonly List<IReadOnlyList<string>> _rows = [];
    private readonly List<string> _verdicts = [];

    /// <summary>Measures in turns.</summary>
    public async Task<BenchmarkTable> RunAsync(CancellationToken cancellationToken)
    {
        var folder = home.CreateSubdirectory($"bench-store-{Path.GetRandomFileName()}");
        try
        {
            await LoadAsync(folder, cancellationToken);
            if (server is not null)
                await TransferAsync(folder, server, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return new BenchmarkTable(
            "store", $"{mebibytes} MiB; {Rounds} rounds in turns; MB/s, median and best; we hash every byte.",
            ["what", "ours", "best", "against", "its speed", "best", "ratio", "ratio of best"], _rows, _verdicts);
    }

    private async Task LoadAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var objects = new FolderObjectStore(Path.Combine(folder.FullName, "objects"));
        var cache = Path.Combine(folder.FullName, "cache");
        var artifacts = new ArtifactStore(objects, cache);
        var source = folder.CreateSubdirectory("source");
        for (var file = 0; file < Files; file++)
            Write(Path.Combine(source.FullName, $"{file}"), mebibytes / Files, cancellationToken);
        var saved = await artifacts.ImportAsync(source.FullName, "model", cancellationToken);
        var (first, again, core) = (new List<double>(), new List<double>(), new List<double>());
        var sample = new byte[64 << 20];
        for (var round = 0; round <= Rounds; round++)
        {
            progress.MarkupLine($"folder, round {round} of {Rounds}");
            if (Directory.Exists(cache))
                Directory.Delete(cache, recursive: true);
            Keep(round, first, await SpeedAsync(() => artifacts.FetchAsync(saved, cancellationToken)));
            Keep(round, again, await SpeedAsync(() => artifacts.FetchAsync(saved, cancellationToken)));
            Keep(round, core, Speed(sample.Length, () => SHA256.HashData(sample)));
        }
        Row("load of an artifact that is not here yet", first, "SHA-256, one core", core);
        var load = Row("load of an artifact that is here", again, "SHA-256, one core", core);
        _verdicts.Add($"Loads are verified at {Number(load, "0")} MB/s; at least {WantedLoad} is wanted.");
        source.Delete(recursive: true);
        Directory.Delete(cache, recursive: true);
    }

    private async Task TransferAsync(DirectoryInfo folder, StoreOptions options, CancellationToken cancellationToken)
    {
        using var ours = new S3ObjectStore(options, Path.Combine(folder.FullName, "transfers"));
        using var raw = new MinioClient()
            .WithEndpoint(options.Endpoint).WithSSL(options.Endpoint.Scheme == Uri.UriSchemeHttps)
            .WithCredentials(options.AccessKey, options.SecretKey).WithRegion("us-east-1").Build();
        var (file, copy) = (Path.Combine(folder.FullName, "file"), Path.Combine(folder.FullName, "copy"));
        Write(file, mebibytes, cancellationToken);
        var (up, rawUp, down, rawDown) = (
            new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            progress.MarkupLine($"server, round {round} of {Rounds}");
            Renew(file);
            ObjectRef? reference = null;
            var turns = new Func<Task>[]
            {
                async () =>
                {
                    Keep(round, up, await SpeedAsync(async () => reference = await PutAsync()));
                    Keep(round, down, await SpeedAsync(() => ours.FetchAsync(reference!, copy, cancellationToken)));
                    await RemoveAsync($"sha256/{reference!.Sha256[..2]}/{reference.Sha256}");
                },
                async () =>
                {
                    Keep(round, rawUp, await SpeedAsync(RawPutAsync));
                    Keep(round, rawDown, await SpeedAsync(() => raw.GetObjectAsync(
                        new GetObjectArgs().WithBucket(options.Bucket).WithObject(RawKey).WithFile(copy),
                        cancellationToken)));
                    await RemoveAsync(RawKey);
                },
            };
            // The one that comes second may find the server still busy with the first.
            foreach (var turn in round % 2 == 0 ? turns : turns.Reverse())
                await turn();
        }
        Verdict("up", Row("S3 up", up, "Minio alone", rawUp));
        Verdict("down", Row("S3 down", down, "Minio alone", rawDown));

        async Task<ObjectRef> PutAsync()
        {
            await using var content = File.OpenRead(file);
            return await ours.PutAsync(content, cancellationToken);
        }

        async Task RawPutAsync()
        {
            await using var content = File.OpenRead(file);
            await raw.PutObjectAsync(
                new PutObjectArgs().WithBucket(options.Bucket).WithObject(RawKey)
                    .WithStreamData(content).WithObjectSize(content.Length), cancellationToken);
        }

        Task RemoveAsync(string key) => raw.RemoveObjectAsync(
            new RemoveObjectArgs().WithBucket(options.Bucket).WithObject(key), cancellationToken);

        void Verdict(string direction, double speed) => _verdicts.Add(
            $"S3 {direction}: {_rows[^1][^2]} of the raw speed, {Number(speed, "0")} MB/s; "
            + $"at least {BenchmarkTable.Number(WantedRatio)} is wanted.");
    }

    private double Row(string what, List<double> ours, string against, List<double> theirs)
    {
        var speed = Statistics.Median(ours);
        _rows.Add(
        [
            what, Number(speed, "0"), Number(ours.Max(), "0"), against, Number(Statistics.Median(theirs), "0"),
            Number(theirs.Max(), "0"), Number(speed / Statistics.Median(theirs), "0.00"),
            Number(ours.Max() / theirs.Max(), "0.00"),
        ]);
        return speed;
    }

    private async Task<double> SpeedAsync(Func<Task> transfer)
    {
        var begin = Stopwatch.GetTimestamp();
        await transfer();
        return mebibytes * 1.048576 / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static double Speed(int bytes, Action work) => bytes / 1e3 / Statistics.Milliseconds(work);

    // The first round warms both up.
    private static void Keep(int round, List<double> speeds, double speed)
    {
        if (round > 0)
            speeds.Add(speed);
    }

    private static void Write(string path, int mebibytes, CancellationToken cancellationToken)
    {
        var block = new byte[1 << 20];
        using var file = File.Create(path);
        for (var written = 0; written < mebibytes; written++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Random.Shared.NextBytes(block);
            file.Write(block);
        }
    }

    // Another digest, or the store would see that it has the object.
    private static void Renew(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, Guid.NewGuid().ToByteArray(), fileOffset: 0);
    }

    private static string Number(double value, string format) => BenchmarkTable.Number(value, format);
}
