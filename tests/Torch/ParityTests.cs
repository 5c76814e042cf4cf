using static TorchSharp.torch;

namespace Mlops.Tests.Torch;

/// <summary>Same operation here and in PyTorch: values and gradients agree.</summary>
public sealed class ParityTests(PyTorch python) : IClassFixture<PyTorch>
{
    private const double Tolerance = 2e-5;

    public static TheoryData<string> Names => [.. ParityCases.All.Select(c => c.Name)];

    [PyTorchTheory]
    [MemberData(nameof(Names))]
    public void Agrees_with_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var @case = ParityCases.All.Single(c => c.Name == name);
        var expected = python[name];
        var inputs = @case.Shapes.Select((shape, i) => PyTorch.Wave(shape, i).requires_grad_()).ToArray();

        var result = @case.Run(inputs);

        Assert.Equal(expected.Shape, result.shape);
        Close(expected.Forward, result);
        if (!result.requires_grad)
            return;

        (result * PyTorch.Wave(result.shape, 9)).sum().backward();
        foreach (var (input, gradient) in inputs.Zip(expected.Gradients))
            if (gradient is null)
                Assert.Null(input.grad);
            else
                Close(gradient, input.grad);
    }

    private static void Close(double[] expected, Tensor actual)
    {
        var values = actual.detach().to(float64).contiguous().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++)
            Assert.True(Math.Abs(values[i] - expected[i]) <= Tolerance * (1 + Math.Abs(expected[i])),
                $"element {i}: PyTorch gives {expected[i]:R}, here it is {values[i]:R}");
    }
}
