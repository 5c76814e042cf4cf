using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mlops.Tests.Torch;

/// <summary>What libtorch refuses arrives as an exception with its message and without its stack.</summary>
public sealed class ErrorTests
{
    public static TheoryData<string, Action> Wrong => new()
    {
        { "cannot be multiplied", () => ones(2, 3).matmul(ones(2, 3)) },
        { "is invalid for input of size 6", () => ones(2, 3).reshape(4, 4) },
        { "expected input[1, 2, 4, 4] to have 3 channels", () => F.conv2d(ones(1, 2, 4, 4), ones(1, 3, 3, 3)) },
        { "does not require grad", () => ones(2).sum().backward() },
        { "does not require grad", () => autograd.grad([ones(2).sum()], [ones(2)]) },
        { "out of range", () => ones(2, 3).sum(5) },
        { "Sizes of tensors must match", () => torch.cat([ones(2, 3), ones(3, 2)], 1) },
        { "Only Tensors of floating point", () => ones(2, dtype: int64).requires_grad_() },
        { "input is not positive-definite", () => torch.cholesky(zeros(2, 2)) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_refusal_becomes_an_exception(string part, Action call)
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ExternalException>(call);

        Assert.Contains(part, error.Message);
        Assert.DoesNotContain("frame #", error.Message);
    }

    [Fact]
    public void A_disposed_tensor_is_refused_before_the_native_call()
    {
        var x = ones(2);
        x.Dispose();

        Assert.Throws<InvalidOperationException>(() => x + 1);
    }
}
