using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Torch;

/// <summary>Making, reading, indexing and converting tensors.</summary>
public sealed class TensorTests
{
    [Fact]
    public void Factories_give_the_asked_shape_type_and_values()
    {
        using var scope = NewDisposeScope();

        Assert.Equal([2L, 3], zeros(2, 3).shape);
        Assert.Equal([7f, 7, 7], full([3], 7).data<float>().ToArray());
        Assert.Equal([2L, 4, 6], arange(2, 8, 2).data<long>().ToArray());
        Assert.Equal([0f, 0.5f, 1], linspace(0, 1, 3).data<float>().ToArray());
        Assert.Equal(ScalarType.Float64, tensor(new[,] { { 1.0, 2 }, { 3, 4 } }).dtype);
        Assert.Equal([2L, 2], from_array(new float[2, 2]).shape);
        Assert.Equal([3L, 0, 0, 0, 3, 0], (eye(2, 3, int64) * 3).data<long>().ToArray());
        Assert.Equal([0L, 1, 2, 3], randperm(4).sort().Values.data<long>().ToArray());
    }

    [Fact]
    public void A_generator_repeats_from_its_seed_and_from_its_state()
    {
        using var scope = NewDisposeScope();
        using var first = new torch.Generator(41);
        using var second = new torch.Generator(41);

        Assert.True(randn(5, generator: first).equal(randn(5, generator: second)).all().item<bool>());
        using var state = first.get_state();
        var ahead = rand(3, generator: first);
        second.set_state(state);
        Assert.True(ahead.equal(rand(3, generator: second)).all().item<bool>());
        Assert.False(ahead.equal(rand(3, generator: second)).all().item<bool>());
    }

    [Fact]
    public void The_generator_gives_the_numbers_of_PyTorch()
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator(0);

        var values = randn(3, generator: generator).data<float>().ToArray();

        // torch.randn(3, generator=torch.Generator().manual_seed(0))
        Assert.Equal([1.5409961f, -0.2934289f, -2.1787894f], values);
    }

    [Fact]
    public void Indices_select_slice_and_pick()
    {
        using var scope = NewDisposeScope();
        var x = arange(24).reshape(2, 3, 4);

        Assert.Equal([12L, 13, 14, 15], x[1, 0].data<long>().ToArray());
        Assert.Equal([1L, 5, 9], x[0, .., 1].data<long>().ToArray());
        Assert.Equal([2L, 3, 2], x[TensorIndex.Ellipsis, 1..3].shape);
        Assert.Equal([2L, 1, 3, 4], x[TensorIndex.Colon, TensorIndex.None].shape);
        Assert.Equal([23L], x[^1, ^1, ^1].reshape(1).data<long>().ToArray());
        Assert.Equal([0L, 2], x[0, 0, TensorIndex.Slice(0, null, 2)].data<long>().ToArray());
        Assert.Equal([3L, 3, 4], x[tensor(new long[] { 1, 0, 1 })].shape);
        Assert.Equal([20L, 21, 22, 23], x[x > 19].data<long>().ToArray());
        Assert.Equal([2L, 2, 4], x[.., TensorIndex.Tensor(tensor(new long[] { 0, 2 }))].shape);
    }

    [Fact]
    public void Assigning_to_an_index_changes_the_tensor()
    {
        using var scope = NewDisposeScope();
        var x = zeros(3, 3);

        x[1, ..] = 2f;
        x[0, 0] = tensor(5f);
        x[TensorIndex.Tensor(tensor(new long[] { 2 })), TensorIndex.Tensor(tensor(new long[] { 2 }))] = tensor(7f);

        Assert.Equal([5f, 0, 0, 2, 2, 2, 0, 0, 7], x.data<float>().ToArray());
    }

    [Fact]
    public void Bytes_read_and_write_the_memory()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, 2 });

        MemoryMarshal.Cast<byte, float>(x.bytes)[1] = 9;
        var copy = zeros(2);
        copy.bytes = x.bytes;

        Assert.Equal([1f, 9], copy.data<float>().ToArray());
        Assert.Throws<InvalidOperationException>(() => x.reshape(2, 1).expand(2, 3).bytes.Length);
    }

    [Fact]
    public void Operators_take_numbers_on_either_side()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, 2, 4 });

        Assert.Equal([0f, -1, -3], (1 - x).data<float>().ToArray());
        Assert.Equal([2f, 1, 0.5f], (2.0 / x).data<float>().ToArray());
        Assert.Equal([1.5f, 3, 6], (1.5f * x).data<float>().ToArray());
        Assert.Equal([false, true, true], (x >= 2).data<bool>().ToArray());
        Assert.Equal([1f, 0, 1], (x % 3).to(float32).data<float>().ToArray().Select(v => v % 2).ToArray());
    }

    [Fact]
    public void Conversions_keep_values_and_refuse_the_wrong_reader()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.7f, -2.2f });

        Assert.Equal([1L, -2], x.to(int64).data<long>().ToArray());
        Assert.Equal(ScalarType.BFloat16, x.bfloat16().dtype);
        Assert.Equal(1.7f, x[0].item<float>());
        Assert.Equal(1.7f, (float)x[0]);
        Assert.Throws<ArgumentException>(() => x.data<double>());
        Assert.Throws<InvalidOperationException>(() => x.item<float>());
    }
}
