namespace Mlops.Tests.Support;

/// <summary>Finds the reference fixtures beside the repository; they are not part of it.</summary>
public static class Reference
{
    private static readonly string? Root = Find();

    /// <summary>Whether the fixtures are there.</summary>
    public static bool Exists => Root is not null;

    /// <summary>Full path of a file or folder below the reference root, for example <c>goldens/models</c>.</summary>
    public static string Path(string relative) => System.IO.Path.Combine(
        Root ?? throw new InvalidOperationException("no reference fixtures here; mark the test with [ReferenceFact]"),
        relative);

    private static string? Find()
    {
        var shared = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Repository.Root) ?? "/", "shared");
        return Directory.Exists(System.IO.Path.Combine(shared, "goldens")) ? shared : null;
    }
}

/// <summary>A test against the reference fixtures, counted as skipped where they are absent.</summary>
public sealed class ReferenceFactAttribute : FactAttribute
{
    public ReferenceFactAttribute()
    {
        if (!Reference.Exists)
            Skip = "the reference fixtures are not beside the repository";
    }
}

/// <summary>A theory against the reference fixtures, counted as skipped where they are absent.</summary>
public sealed class ReferenceTheoryAttribute : TheoryAttribute
{
    public ReferenceTheoryAttribute()
    {
        if (!Reference.Exists)
            Skip = "the reference fixtures are not beside the repository";
    }
}
