using static TorchSharp.torch;

namespace Mlops.Diffusion;

/// <summary>Copies of a tensor's values in managed memory, whatever its device, type and layout.</summary>
public static class TensorValues
{
    /// <summary>Row-major values as single precision.</summary>
    public static float[] Values(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(float32).cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>Row-major values as double precision.</summary>
    public static double[] Doubles(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(float64).cpu().contiguous().data<double>().ToArray();
    }
}
