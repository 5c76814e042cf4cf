using System.Security.Cryptography;
using System.Text;

namespace Mlops.Orchestrator.Submission;

/// <summary>Run ids that follow from a name, so that who repeats the name gets the run.</summary>
public static class RunIds
{
    // Anybody may compute ids with it: it is the version 5 UUID of "mlops.request-run" in the DNS namespace.
    private static readonly Guid Namespace = Guid.Parse("6f66d474-175c-5ef2-a718-528d3dda1761");

    /// <summary>The beginning of an id, for people: enough for one of thousands of runs.</summary>
    public static string Short(Guid runId) => runId.ToString("N")[..8];

    /// <summary>The version 5 UUID of a key (RFC 9562, section 5.5).</summary>
    public static Guid From(string key)
    {
        byte[] named = [.. Namespace.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(key)];
        var digest = SHA1.HashData(named).AsSpan(0, 16);
        digest[6] = (byte)(digest[6] & 0x0f | 0x50);
        digest[8] = (byte)(digest[8] & 0x3f | 0x80);
        return new Guid(digest, bigEndian: true);
    }
}
