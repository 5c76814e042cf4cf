namespace Mlops.Diffusion.Schedulers;

/// <summary>How much of a network's input is signal and how much is noise: x = α·x_0 + σ·ε.</summary>
public readonly record struct NoiseLevel(double Alpha, double Sigma)
{
    /// <summary>The level of ᾱ in a variance-preserving schedule.</summary>
    public static NoiseLevel Of(double alphaBar) => new(Math.Sqrt(alphaBar), Math.Sqrt(1 - alphaBar));
}
