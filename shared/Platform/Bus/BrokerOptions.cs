using System.Text;

namespace Mlops.Platform.Bus;

/// <summary>Where RabbitMQ is and who we are there. Its text form leaves the password out.</summary>
/// <param name="Address"><c>amqp://host:port/virtual-host</c>, without a user.</param>
public sealed record BrokerOptions(Uri Address, string User, string Password)
{
    /// <summary>The virtual host; <c>/</c> unless the address names one.</summary>
    public string VirtualHost => Uri.UnescapeDataString(Address.AbsolutePath.TrimStart('/')) is { Length: > 0 } name
        ? name
        : "/";

    /// <summary>The port; the protocol's own unless the address names one.</summary>
    public ushort Port => Address.Port > 0 ? (ushort)Address.Port : (ushort)5672;

    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"{Address} as {User}");
        return true;
    }
}
