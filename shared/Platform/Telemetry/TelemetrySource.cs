using System.Text.Json;

namespace Mlops.Platform.Telemetry;

/// <summary>Who sends telemetry: the same attributes on log lines, spans and metrics.</summary>
/// <param name="Service">The service that the process runs.</param>
/// <param name="Instance">Tells processes of one service apart: the worker id.</param>
internal sealed record TelemetrySource(string Service, string Instance)
{
    public const string Namespace = "mlops";

    public static string Version { get; } = typeof(TelemetrySource).Assembly.GetName().Version!.ToString(3);

    /// <summary>As a tree, which is how Seq reads names with dots.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        service = new { name = Service, @namespace = Namespace, version = Version, instance = new { id = Instance } },
    });
}
