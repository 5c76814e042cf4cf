using Microsoft.Extensions.Configuration;
using Mlops.Platform.Bus;
using Mlops.Platform.Hosting;
using Mlops.Platform.Objects.S3;
using Mlops.Platform.Telemetry;

namespace Mlops.Platform.Configuration;

/// <summary>
/// The servers that a process talks to. Nothing is contacted that is not named here; with nothing named, everything
/// stays inside the process and its data folder.
/// </summary>
public sealed record Connections
{
    private const string BrokerVariable = "MLOPS_BROKER", StoreVariable = "MLOPS_STORE", SeqVariable = "MLOPS_SEQ";

    /// <summary>The message broker; null for the bus inside the process.</summary>
    public BrokerOptions? Broker { get; init; }

    /// <summary>The object store; null for a folder.</summary>
    public StoreOptions? Store { get; init; }

    /// <summary>The receiver of telemetry; null to keep it to the log file.</summary>
    public TelemetryOptions? Telemetry { get; init; }

    /// <summary>Who may start runs over HTTP.</summary>
    public ApiOptions Api { get; init; } = new(Key: null, Open: false);

    /// <summary>
    /// Reads <c>MLOPS_BROKER</c>, <c>MLOPS_STORE</c>, <c>MLOPS_SEQ</c> and their credentials, <c>MLOPS_API_KEY</c> and
    /// <c>MLOPS_API_OPEN</c>.
    /// </summary>
    /// <exception cref="ArgumentException">An address or a credential is missing or cannot be read.</exception>
    public static Connections From(IConfiguration settings)
    {
        return new() { Broker = Broker(), Store = Store(), Telemetry = Telemetry(), Api = Api() };

        ApiOptions Api() => new(
            settings.Text("MLOPS_API_KEY") is { } key ? new ApiKey(key) : null,
            Open: settings.Text("MLOPS_API_OPEN") == "1");

        BrokerOptions? Broker() => Address(BrokerVariable, "amqp://host:5672/", "amqp", "amqps") is { } address
            ? new(address, Needed(BrokerVariable, "_USER"), Needed(BrokerVariable, "_PASSWORD"))
            : null;

        StoreOptions? Store()
        {
            if (Address(StoreVariable, "http://host:9000/bucket", "http", "https") is not { } address)
                return null;
            var bucket = address.AbsolutePath.Trim('/');
            if (bucket.Length == 0 || bucket.Contains('/', StringComparison.Ordinal))
                throw new ArgumentException($"{StoreVariable} '{address}' must end with the name of one bucket");
            return new(
                new Uri(address.GetLeftPart(UriPartial.Authority)), bucket, Needed(StoreVariable, "_ACCESS_KEY"),
                Needed(StoreVariable, "_SECRET_KEY"));
        }

        TelemetryOptions? Telemetry() => Address(SeqVariable, "http://host:5341", "http", "https") is { } address
            ? new(address, settings.Text($"{SeqVariable}_API_KEY"))
            : null;

        Uri? Address(string name, string example, params string[] schemes)
        {
            if (settings.Text(name) is not { } text)
                return null;
            // The text itself is not repeated: a password in it would end up in the log.
            return Uri.TryCreate(text, UriKind.Absolute, out var address) && schemes.Contains(address.Scheme)
                && address.UserInfo.Length == 0
                ? address
                : throw new ArgumentException(
                    $"{name} must look like {example}, with user and password in variables of their own");
        }

        string Needed(string server, string part) => settings.Text(server + part)
            ?? throw new ArgumentException($"{server} is set but {server}{part} is not; set it too");
    }
}
