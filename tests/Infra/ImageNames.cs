using System.Text.RegularExpressions;

namespace Mlops.Tests.Infra;

/// <summary>Tells an image of which one knows what it contains from one that is something else tomorrow.</summary>
internal static partial class ImageNames
{
    /// <summary>Our own by version, others by digest, or by a full version where no digest is public.</summary>
    public static bool IsPinned(string image) => Resolved(image) is var name
        && (name.StartsWith("mlops/", StringComparison.Ordinal) ? OwnVersion().IsMatch(name)
            : Digest().IsMatch(name) || FullVersion().IsMatch(name));

    // ${NAME:-default}
    private static string Resolved(string image) => Default().Replace(image, "$1");

    [GeneratedRegex(@"\$\{[A-Z_]+:-([^}]*)\}")]
    private static partial Regex Default();

    [GeneratedRegex(@":\d+\.\d+\.\d+(-cuda)?$")]
    private static partial Regex OwnVersion();

    [GeneratedRegex(@":[A-Za-z0-9][\w.-]+@sha256:[0-9a-f]{64}$")]
    private static partial Regex Digest();

    [GeneratedRegex(@":\d+\.\d+\.\d+$")]
    private static partial Regex FullVersion();
}
