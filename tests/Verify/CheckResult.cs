namespace Mlops.Verify;

/// <summary>One comparison with a reference.</summary>
/// <param name="Error">Largest absolute difference; NaN counts as a failure.</param>
/// <param name="Tolerance">Largest difference that passes, in the same unit.</param>
public sealed record CheckResult(string Name, double Error, double Tolerance)
{
    /// <summary>Whether the difference is within the tolerance.</summary>
    public bool Passed => Error <= Tolerance;

    /// <summary>How much of the tolerance is used up; above 1 fails.</summary>
    public double Share => double.IsNaN(Error) ? double.PositiveInfinity : Error / Tolerance;

    /// <summary>The comparison that comes closest to failing, or fails worst.</summary>
    public static CheckResult Worst(IEnumerable<CheckResult> results) => results.MaxBy(result => result.Share)
        ?? throw new InvalidDataException("the fixture holds nothing to compare.");
}
