namespace Mlops.Diffusion.Schedulers;

/// <summary>Quantiles of the Beta distribution by bisection of the regularised incomplete beta function, whose
/// continued fraction is evaluated with Lentz's method (DLMF 8.17.22).</summary>
public static class BetaQuantile
{
    /// <summary>The x in [0, 1] with I_x(a, b) = <paramref name="probability"/>.</summary>
    public static double Of(double probability, double a, double b)
    {
        if (probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "must be in [0, 1].");
        if (probability is 0 or 1)
            return probability;

        double low = 0, high = 1;
        for (var halving = 0; halving < 60; halving++)
        {
            var middle = (low + high) / 2;
            if (Cumulative(middle, a, b) < probability)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>I_x(a, b), the cumulative distribution function.</summary>
    public static double Cumulative(double x, double a, double b)
    {
        if (x is 0 or 1)
            return x;

        var front = Math.Exp(
            LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x)));
        return x < (a + 1) / (a + b + 2)
            ? front * Fraction(x, a, b) / a
            : 1 - (front * Fraction(1 - x, b, a) / b);
    }

    private static double Fraction(double x, double a, double b)
    {
        const double tiny = 1e-300;
        double c = 1, d = Invert(1 - ((a + b) * x / (a + 1))), value = d;
        for (var m = 1; m < 1000; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = Invert(1 + (even * d));
            c = NotZero(1 + (even / c));
            value *= d * c;
            d = Invert(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            value *= d * c;
            if (Math.Abs((d * c) - 1) < 1e-15)
                break;
        }

        return value;

        static double NotZero(double y) => Math.Abs(y) < tiny ? tiny : y;
        static double Invert(double y) => 1 / NotZero(y);
    }

    // Stirling's series after shifting the argument above 10, where its error is below 1e-14.
    private static double LogGamma(double z)
    {
        var shift = 0.0;
        for (; z < 10; z++)
            shift -= Math.Log(z);
        var r = 1 / (z * z);
        var series = ((1.0 / 12) - (r * ((1.0 / 360) - (r * ((1.0 / 1260) - (r / 1680)))))) / z;

        return shift + ((z - 0.5) * Math.Log(z)) - z + (0.5 * Math.Log(2 * Math.PI)) + series;
    }
}
