using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mlops.Platform.Hosting;

/// <summary>Who may call over HTTP.</summary>
/// <param name="Key">What callers must present; null admits every caller that can reach us.</param>
/// <param name="Open">Whether other machines may call without a key.</param>
public sealed record ApiOptions(ApiKey? Key, bool Open)
{
    /// <summary>Refuses to let other machines in by accident.</summary>
    /// <exception cref="ArgumentException">An address is reachable from outside and nothing is asked.</exception>
    public void CheckAddress(string addresses)
    {
        if (Key is not null || Open)
            return;
        foreach (var address in addresses.Split(';', StringSplitOptions.RemoveEmptyEntries))
            if (!IsLoopback(address))
                throw new ArgumentException(
                    $"MLOPS_HTTP '{address}' can be reached from other machines; set MLOPS_API_KEY, "
                    + "or MLOPS_API_OPEN=1 to let everybody start runs");
    }

    /// <summary>The names that a server at these addresses answers to: those of this machine, or any.</summary>
    internal static IList<string> HostsAt(string addresses) =>
        addresses.Split(';', StringSplitOptions.RemoveEmptyEntries).All(IsLoopback)
            ? ["localhost", "127.0.0.1", "[::1]"]
            : ["*"];

    private static bool IsLoopback(string address)
    {
        try
        {
            var host = BindingAddress.Parse(address.Trim()).Host.Trim('[', ']');
            return host == "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
        }
        catch (FormatException exception)
        {
            throw new ArgumentException(
                $"MLOPS_HTTP '{address}' is not an address; write http://127.0.0.1:8480", exception);
        }
    }
}

/// <summary>What callers over HTTP must know. Its text form keeps it.</summary>
public sealed class ApiKey(string secret)
{
    private const string Scheme = "Bearer ";

    // Digests have one length, so that the comparison takes the same time for every guess.
    private readonly byte[] _digest = DigestOf(Scheme + secret);

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    public string Header => Scheme + secret;

    /// <summary>Whether this value of the header <c>Authorization</c> holds the key.</summary>
    public bool IsIn(string? header) =>
        CryptographicOperations.FixedTimeEquals(DigestOf(header ?? ""), _digest);

    /// <inheritdoc/>
    public override string ToString() => "***";

    private static byte[] DigestOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
