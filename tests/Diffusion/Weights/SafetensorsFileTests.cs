using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Weights;

public sealed class SafetensorsFileTests
{
    public static TheoryData<ScalarType, string> Types => new()
    {
        { ScalarType.Float64, "F64" }, { ScalarType.Float32, "F32" }, { ScalarType.Float16, "F16" },
        { ScalarType.BFloat16, "BF16" }, { ScalarType.Int64, "I64" }, { ScalarType.Int32, "I32" },
        { ScalarType.Int16, "I16" }, { ScalarType.Int8, "I8" }, { ScalarType.Byte, "U8" }, { ScalarType.Bool, "BOOL" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_survives_a_round_trip(ScalarType type, string dtype)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var values = tensor(new float[] { 0, 1, 1, 0, 3, 7 }).reshape(2, 3).to_type(type);

        SafetensorsWriter.Write(folder.File("a.safetensors"), [new("x", values)]);
        using var file = SafetensorsFile.Open(folder.File("a.safetensors"));
        var read = file.Read("x");

        Assert.Equal(dtype, file.Header.Tensors["x"].Dtype);
        Assert.Equal(type, read.dtype);
        Assert.Equal([2, 3], read.shape);
        Assert.Equal(values.bytes.ToArray(), read.bytes.ToArray());
    }

    [Fact]
    public void Scalars_empty_tensors_views_and_metadata_survive_too()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var matrix = tensor(new float[] { 1, 2, 3, 4, 5, 6 }).reshape(2, 3);

        SafetensorsWriter.Write(folder.File("a.safetensors"),
            [new("view", matrix.transpose(0, 1)), new("scalar", matrix.sum()), new("none", zeros([0, 4]))],
            new Dictionary<string, string> { ["note"] = "quo\"ted" });
        using var file = SafetensorsFile.Open(folder.File("a.safetensors"));

        Assert.Equal([1f, 4, 2, 5, 3, 6], file.Read("view").data<float>().ToArray());
        Assert.Equal(21f, file.Read("scalar").item<float>());
        Assert.Empty(file.Read("scalar").shape);
        Assert.Equal([0, 4], file.Read("none").shape);
        Assert.Equal("quo\"ted", file.Header.Metadata["note"]);
        Assert.Equal(0, file.Header.DataStart % 8);
    }

    [Theory]
    [InlineData("model.pt")]
    [InlineData("model.pth")]
    [InlineData("model.ckpt")]
    [InlineData("model.bin")]
    [InlineData("model.PKL")]
    public void Pickles_are_refused_by_name_with_the_way_to_convert(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File(name), [1, 2, 3]);

        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(folder.File(name)));

        Assert.Contains("safetensors.torch.save_file", error.Message);
        Assert.Contains(name, error.Message);
    }

    [Theory]
    [InlineData(new byte[] { 0x50, 0x4B, 3, 4, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x80, 2, 0x7D, 0x71, 0, 0x58, 5, 0, 0, 0 })]
    [InlineData(new byte[] { 0x80, 4, 0x95, 0x71, 0, 0, 0, 0, 0, 0 })]
    public void Pickles_are_refused_by_content_under_any_name(byte[] content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("renamed.safetensors"), content);

        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(folder.File("renamed.safetensors")));

        Assert.Contains("pickled", error.Message);
    }

    [Fact]
    public void A_header_whose_length_looks_like_a_pickle_is_still_read()
    {
        using var folder = new TemporaryFolder();
        var json = "{}".PadRight(0x0280);
        File.WriteAllBytes(folder.File("a.safetensors"),
            [0x80, 2, 0, 0, 0, 0, 0, 0, .. System.Text.Encoding.ASCII.GetBytes(json)]);

        using var file = SafetensorsFile.Open(folder.File("a.safetensors"));

        Assert.Empty(file.Header.Tensors);
    }

    [Fact]
    public void Missing_files_and_missing_tensors_are_named()
    {
        using var folder = new TemporaryFolder();
        using var values = ones([2]);
        SafetensorsWriter.Write(folder.File("a.safetensors"), [new("x", values)]);
        using var file = SafetensorsFile.Open(folder.File("a.safetensors"));

        var noFile = Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(folder.File("b.safetensors")));
        var noTensor = Assert.Throws<InvalidDataException>(() => file.Read("y"));

        Assert.Contains("b.safetensors", noFile.Message);
        Assert.Contains("\"y\"", noTensor.Message);
    }

    [Fact]
    public void A_truncated_file_is_refused_when_it_is_opened()
    {
        using var folder = new TemporaryFolder();
        using var values = ones([64]);
        SafetensorsWriter.Write(folder.File("a.safetensors"), [new("x", values)]);
        var bytes = File.ReadAllBytes(folder.File("a.safetensors"));
        File.WriteAllBytes(folder.File("a.safetensors"), bytes[..^10]);

        var error = Assert.Throws<InvalidDataException>(() => SafetensorsFile.Open(folder.File("a.safetensors")));

        Assert.Contains("truncated", error.Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Weights_that_are_not_finite_are_refused_with_their_place(float bad)
    {
        using var folder = new TemporaryFolder();
        using var values = tensor(new[] { 0f, float.MaxValue, bad, 1 });
        SafetensorsWriter.Write(folder.File("a.safetensors"), [new("conv.weight", values)]);
        using var stored = StoredTensors.Open(folder.File("a.safetensors"));

        var error = Assert.Throws<InvalidDataException>(() => stored.ReadFinite("conv.weight"));

        Assert.Contains("\"conv.weight\" holds NaN or infinity at position 2", error.Message);
    }

    [Fact]
    public void A_write_that_fails_half_way_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder.File("a.json"), "old");

        Assert.Throws<IOException>(() => AtomicFile.Write(folder.File("a.json"), stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("No space left on device");
        }));

        Assert.Equal(["a.json"], folder.Files);
        Assert.Equal("old\n", File.ReadAllText(folder.File("a.json")));
    }
}
