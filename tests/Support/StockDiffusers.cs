namespace Mlops.Tests.Support;

/// <summary>The real library in a root file system of its own, which the reference fixtures say how to make.</summary>
internal static class StockDiffusers
{
    private const string Variable = "MLOPS_STOCK_ROOT";

    private static readonly string Root =
        Environment.GetEnvironmentVariable(Variable) ?? Path.Combine(Path.GetTempPath(), "stockroot");

    /// <summary>Whether it is here.</summary>
    public static bool Exists => Reference.Exists && Directory.Exists(Path.Combine(Root, "opt", "stock"));

    /// <summary>Runs a script of a folder, which the script sees as its own.</summary>
    /// <returns>What it wrote.</returns>
    public static Task<string> RunAsync(string version, string folder, params string[] arguments) => Script.RunAsync(
        // One at a time: they share what diffusers caches. A mount of its own each, which goes even where it is killed.
        $"diffusers {version}", "flock",
        [
            $"{Root}.lock", "unshare", "-m", "bash", Reference.Path("reference/stock/run.sh"), Root, version, folder,
            .. arguments,
        ]);
}

/// <summary>A theory against the real library, counted as skipped where it is absent.</summary>
public sealed class StockTheoryAttribute : TheoryAttribute
{
    public StockTheoryAttribute()
    {
        if (!StockDiffusers.Exists)
            Skip = "no root with stock diffusers is here; make one with setup.sh of the reference fixtures";
    }
}
