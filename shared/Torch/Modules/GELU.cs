namespace TorchSharp.Modules;

/// <summary>x·Φ(x), exact or with the tanh formula.</summary>
public sealed class GELU
{
    /// <summary>Which formula.</summary>
    public enum Approximate
    {
        none = 0,
        tanh = 1,
    }
}
