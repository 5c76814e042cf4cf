using System.Buffers.Binary;
using System.Text;
using Mlops.Diffusion.Weights;

namespace Mlops.Tests.Diffusion.Weights;

public sealed class SafetensorsHeaderTests
{
    [Fact]
    public void A_proper_header_is_read()
    {
        var header = Parse("""
            {"__metadata__":{"format":"pt"},
             "b":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]},
             "a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},
             "none":{"dtype":"F16","shape":[0,4],"data_offsets":[32,32]}}
            """, 32);

        Assert.Equal("pt", header.Metadata["format"]);
        Assert.Equal([2, 3], header.Tensors["b"].Shape);
        Assert.Equal(8, header.Tensors["a"].Bytes);
        Assert.Empty(header.Tensors["a"].Shape);
        Assert.Equal(0, header.Tensors["none"].Bytes);
    }

    [Theory]
    [InlineData("F32", "[2]", "[0,4]", 8, "needs 8")]
    [InlineData("F32", "[2]", "[0,16]", 16, "needs 8")]
    [InlineData("F32", "[2]", "[0,8]", 4, "truncated")]
    [InlineData("F32", "[2]", "[8,0]", 8, "truncated")]
    [InlineData("F32", "[2]", "[4,12]", 12, "unnamed bytes")]
    [InlineData("F32", "[2]", "[0,8]", 12, "belong to no tensor")]
    [InlineData("F33", "[2]", "[0,8]", 8, "type the format does not have")]
    [InlineData("F32", "[-2]", "[0,8]", 8, "without proper dtype, shape")]
    [InlineData("F32", "[2.5]", "[0,8]", 8, "without proper dtype, shape")]
    [InlineData("F32", "[4611686018427387904,4]", "[0,8]", 8, "impossible shape")]
    [InlineData("F32", "[2]", "[0,4,8]", 8, "data_offsets")]
    public void A_tensor_that_does_not_fit_its_bytes_is_refused_by_name(
        string dtype, string shape, string offsets, long dataBytes, string expected)
    {
        var json = $$$"""
            {"conv.weight":{"dtype":"{{{dtype}}}","shape":{{{shape}}},"data_offsets":{{{offsets}}}}}
            """;

        var error = Assert.Throws<InvalidDataException>(() => Parse(json, dataBytes));

        Assert.Contains(expected, error.Message);
        Assert.Contains("conv.weight", error.Message);
        Assert.StartsWith("some.safetensors", error.Message);
    }

    [Theory]
    [InlineData("[0,8]", "[4,12]", 12)]
    [InlineData("[0,8]", "[0,8]", 8)]
    public void Overlapping_tensors_are_refused(string first, string second, long dataBytes)
    {
        var json = $$$"""
            {"a":{"dtype":"F32","shape":[2],"data_offsets":{{{first}}}},
             "b":{"dtype":"F32","shape":[2],"data_offsets":{{{second}}}}}
            """;

        var error = Assert.Throws<InvalidDataException>(() => Parse(json, dataBytes));

        Assert.Contains("overlap", error.Message);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{}}""")]
    [InlineData("""{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}""")]
    [InlineData("""{"a":[[[[[[[[[[[[]]]]]]]]]]]]}""")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":1}}""")]
    [InlineData("""[1]""")]
    [InlineData("""{"__metadata__":{"step":5},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"__metadata__":"pt","a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("")]
    public void Malformed_json_is_refused(string json)
    {
        Assert.Throws<InvalidDataException>(() => Parse(json, 1));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        byte[] json = [.. "{\""u8, 0xFF, .. "\":1}"u8];

        Assert.Throws<InvalidDataException>(() => SafetensorsHeader.Parse(json, 0, "some.safetensors"));
    }

    [Theory]
    [InlineData(ulong.MaxValue, "allows")]
    [InlineData(100_000_001, "allows")]
    [InlineData(1_000, "truncated")]
    public void A_header_longer_than_allowed_or_than_the_file_is_refused_before_it_is_read(
        ulong announced, string expected)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, announced);

        var error = Assert.Throws<InvalidDataException>(() =>
            SafetensorsHeader.Read(new MemoryStream(bytes), bytes.Length, "some.safetensors"));

        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_shorter_than_the_length_field_is_refused(int length)
    {
        Assert.Throws<InvalidDataException>(() =>
            SafetensorsHeader.Read(new MemoryStream(new byte[length]), length, "some.safetensors"));
    }

    [Fact]
    public void Damaged_headers_are_either_refused_or_still_consistent()
    {
        var good = Encoding.UTF8.GetBytes("""
            {"__metadata__":{"format":"pt"},"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},
             "b":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]}}
            """);
        var random = new Random(1);

        for (var round = 0; round < 5_000; round++)
        {
            var bytes = (byte[])good.Clone();
            for (var hits = random.Next(1, 4); hits > 0; hits--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(32, 127);
            var error = Record.Exception(() =>
                Assert.Equal(32, SafetensorsHeader.Parse(bytes, 32, "x").Tensors.Values.Sum(tensor => tensor.Bytes)));
            Assert.True(error is null or InvalidDataException, error?.ToString());
        }
    }

    private static SafetensorsHeader Parse(string json, long dataBytes) =>
        SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(json), dataBytes, "some.safetensors");
}
