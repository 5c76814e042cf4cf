using System.Text;
using System.Text.Json;
using Mlops.Contracts;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

/// <summary>Names that try to lead out of the place they are for, wherever files are named by somebody else.</summary>
public sealed class PathTricksTests : IDisposable
{
    private static readonly string[] Ways =
    [
        "../", "../../", "../../../../../../", "./../", "..//", "/", "//", "/tmp/", "~/", "$HOME/", "..\\", "..\\..\\",
        "C:\\", "\\\\server\\share\\", "....//", "..;/", "%2e%2e/", "..%2f", "%2e%2e%2f", "..%c0%af", "..%252f", "\0/",
        "../\0", " ../", "../ ", "\u2024\u2024/", "\uff0e\uff0e/", "\u2025/", ".../", "file:///", "a/../../",
        "a/./../../", "%00../", "..\u2215", "..\u2044", "-/../../", "\n../", "\t../", "..\r\n/", "\ufeff../",
    ];

    private static readonly string[] Frames = ["{0}", "a/{0}", "{0}/..", "{0}/", "a/../{0}", "{0}.safetensors"];

    private readonly string _token = $"escaped-{Guid.NewGuid():N}";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private IEnumerable<string> Corpus =>
        from way in Ways from frame in Frames select string.Format(null, frame, way + _token);

    [Fact]
    public async Task No_file_of_an_artifact_lands_outside_of_it()
    {
        var objects = new FolderObjectStore(_folder.File("in/objects"));
        var artifacts = new ArtifactStore(objects, _folder.File("in/cache"));
        var file = await objects.PutAsync(new MemoryStream("evil"u8.ToArray()), default);
        var refused = 0;
        foreach (var trick in Corpus)
        {
            var manifest = new { kind = "model", files = new Dictionary<string, ObjectRef> { [trick] = file },
                madeBy = (string?)null, inputs = new Dictionary<string, ObjectRef>() };
            var reference = await objects.PutAsync(new MemoryStream(
                JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Web)), default);
            try
            {
                var landed = await artifacts.FetchAsync(reference, default);
                Assert.StartsWith(_folder.File("in/cache"), landed, StringComparison.Ordinal);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(Corpus.Count(), 200, int.MaxValue);
        Assert.InRange(refused, 1, Corpus.Count());
        AssertNothingEscaped();
    }

    [Fact]
    public async Task No_name_of_the_store_lands_outside_of_it()
    {
        var objects = new FolderObjectStore(_folder.File("in/objects"));
        var bound = await objects.PutAsync(new MemoryStream("evil"u8.ToArray()), default);

        foreach (var trick in Corpus)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => objects.SetNameAsync(trick, bound, default));
            await Assert.ThrowsAsync<InvalidDataException>(() => objects.OpenAsync(new ObjectRef(trick, 4), default));
        }

        AssertNothingEscaped();
    }

    [Fact]
    public void No_shard_of_a_model_is_read_from_outside_of_its_folder()
    {
        var folder = Directory.CreateDirectory(_folder.File("in/model")).FullName;
        var index = Path.Combine(folder, "w.safetensors.index.json");
        // What would be found there, were the name followed.
        File.WriteAllBytes(_folder.File($"in/{_token}.safetensors"), "evil"u8.ToArray());
        foreach (var trick in Corpus)
        {
            File.WriteAllText(index, JsonSerializer.Serialize(
                new { weight_map = new Dictionary<string, string> { ["a"] = trick } }), Encoding.UTF8);

            Assert.Throws<InvalidDataException>(() => StoredTensors.Open(index));
        }
    }

    private void AssertNothingEscaped()
    {
        string[] outside = [_folder.Path, "/", "/tmp", Environment.CurrentDirectory, Path.GetTempPath(),
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)];
        Assert.DoesNotContain(outside.SelectMany(Directory.EnumerateFileSystemEntries),
            entry => entry.Contains(_token, StringComparison.Ordinal));
    }
}
