namespace Mlops.Diffusion.Schedulers;

/// <summary>The variant of DPM-Solver.</summary>
/// <param name="DataPrediction">DPM-Solver++: integrates x_0 instead of ε.</param>
/// <param name="Stochastic">Solves the reverse SDE: noise enters each step.</param>
/// <param name="Heun">Second-order solver type <c>heun</c> rather than <c>midpoint</c>.</param>
public sealed record DpmVariant(bool DataPrediction, bool Stochastic, bool Heun);

/// <summary>One multistep update as a linear combination: x_t = X·x + D0·D_0 + D1·D_1 +
/// D2·D_2 + Noise·z, where D_i are divided differences of the stored predictions (Lu et
/// al. 2022a, appendix B; 2022b, algorithm 2 and appendix B).</summary>
public sealed record DpmUpdate(double X, double D0, double D1, double D2, double Noise)
{
    /// <summary>The coefficients for a step from (α_s, σ_s) to (α_t, σ_t), of order 1, 2 or 3.</summary>
    public static DpmUpdate Of(
        DpmVariant variant, int order, double alphaS, double sigmaS, double alphaT, double sigmaT)
    {
        var h = Lambda(alphaT, sigmaT) - Lambda(alphaS, sigmaS);
        // z is the exponent of the integrating factor; all variants then share the exponential-integrator terms.
        var (z, scale, x, noise) = variant switch
        {
            { DataPrediction: true, Stochastic: false } => (-h, -alphaT, sigmaT / sigmaS, 0.0),
            { DataPrediction: true } => (
                -2 * h, -alphaT, sigmaT / sigmaS * Math.Exp(-h), sigmaT * Math.Sqrt(1 - Math.Exp(-2 * h))),
            { Stochastic: false } => (h, -sigmaT, alphaT / alphaS, 0.0),
            _ => (h, -2 * sigmaT, alphaT / alphaS, sigmaT * Math.Sqrt(Math.Exp(2 * h) - 1)),
        };
        var e = Math.Exp(z) - 1;
        var d1 = order == 1 ? 0 : order == 2 && !variant.Heun ? scale * e / 2 : scale * ((e / z) - 1);
        // The reference's third-order SDE has +1/2 where the expansion has −1/2; parity wins.
        var half = variant.Stochastic ? -0.5 : 0.5;
        var d2 = order < 3 ? 0 : scale * (((e - z) / (z * z)) - half);

        return new DpmUpdate(x, scale * e, d1, d2, noise);
    }

    /// <summary>λ = log α − log σ, half the log signal-to-noise ratio.</summary>
    public static double Lambda(double alpha, double sigma) => Math.Log(alpha) - Math.Log(sigma);
}
