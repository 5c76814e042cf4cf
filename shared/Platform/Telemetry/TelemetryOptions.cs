using System.Text;

namespace Mlops.Platform.Telemetry;

/// <summary>Where logs, traces and metrics go. Its text form leaves the key out.</summary>
/// <param name="Endpoint">A Seq server, without a path.</param>
/// <param name="ApiKey">Allows writing to it; null if it asks for none.</param>
public sealed record TelemetryOptions(Uri Endpoint, string? ApiKey)
{
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Endpoint);
        return true;
    }
}
