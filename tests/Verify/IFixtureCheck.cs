namespace Mlops.Verify;

/// <summary>Compares one kind of fixture with what is built here.</summary>
public interface IFixtureCheck
{
    /// <summary>Whether a case is of this kind.</summary>
    bool Handles(FixtureCase fixture);

    /// <summary>Why the case cannot be run because its family is not built; null if it can.</summary>
    string? NotBuilt(FixtureCase fixture);

    /// <summary>Makes every comparison that the case allows.</summary>
    IReadOnlyList<CheckResult> Run(FixtureCase fixture, CancellationToken cancellationToken);
}
