using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Platform.Bus;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;

namespace Mlops.Bench.Local;

/// <summary>This process on the bus of an installation, beside its services.</summary>
public sealed class ClientHost : IAsyncDisposable
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(2), Pause = TimeSpan.FromMilliseconds(200);
    private readonly IHost _host;

    private ClientHost(IHost host) => _host = host;

    /// <summary>The bus.</summary>
    public IBus Bus => Get<IBus>();

    /// <summary>Starts it and waits until all its ears are open.</summary>
    /// <param name="name">Its worker id and the name of its folder.</param>
    /// <param name="modules">What it consumes.</param>
    public static async Task<ClientHost> StartAsync(
        string folder, string name, Connections connections, IReadOnlyList<ServiceModule> modules,
        CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMlops(
            new PlatformOptions
            {
                DataFolder = Path.Combine(folder, name), LogToConsole = false, Connections = connections,
                Worker = new WorkerOptions { WorkerId = name },
            },
            modules);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        await host.Services.GetRequiredService<IBusControl>()
            .WaitForHealthStatus(BusHealthStatus.Healthy, cancellationToken);
        return new ClientHost(host);
    }

    /// <summary>Any registered part.</summary>
    public TService Get<TService>() where TService : notnull => _host.Services.GetRequiredService<TService>();

    /// <summary>
    /// Publishes a message that somebody must take: until a service has made its queue the broker gives it back.
    /// </summary>
    public async Task PublishAsync<TMessage>(TMessage message, CancellationToken cancellationToken)
        where TMessage : class
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await Bus.Publish<TMessage>(message, context => Endpoints.DemandQueue(context), cancellationToken);
                return;
            }
            catch (MessageReturnedException) when (Stopwatch.GetElapsedTime(begin) < SendTimeout)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
