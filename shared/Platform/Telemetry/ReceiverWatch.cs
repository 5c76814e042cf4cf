using System.Net;
using Microsoft.Extensions.Logging;

namespace Mlops.Platform.Telemetry;

/// <summary>
/// Carries telemetry to its receiver and says once when that is away or refuses us, and once when it is back. The
/// exporter itself keeps such things to itself.
/// </summary>
/// <param name="address">Of the receiver.</param>
internal sealed class ReceiverWatch(Uri address)
{
    private ILogger? _log;
    private int _away;

    /// <summary>Where to say it; the loggers can be had only after the exporters of the logs were made.</summary>
    public void SayTo(ILogger log) => Volatile.Write(ref _log, log);

    /// <summary>A client that goes straight to the receiver: only the configured address is contacted.</summary>
    public HttpClient Client(TimeSpan timeout) => new(new Handler(this)
    {
        InnerHandler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = timeout },
    })
    {
        Timeout = timeout,
    };

    private void Heard(HttpStatusCode status)
    {
        if ((int)status is < 200 or >= 300)
            Missed($"it answers {(int)status}; mend MLOPS_SEQ or MLOPS_SEQ_API_KEY");
        else if (Interlocked.Exchange(ref _away, 0) == 1)
            _log?.LogInformation("Telemetry reaches {Address} again", address);
    }

    private void Missed(string reason)
    {
        if (Volatile.Read(ref _log) is { } log && Interlocked.Exchange(ref _away, 1) == 0)
            log.LogWarning("Telemetry does not reach {Address}: {Reason}; runs go on without it", address, reason);
    }

    private sealed class Handler(ReceiverWatch watch) : DelegatingHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                var response = base.Send(request, cancellationToken);
                watch.Heard(response.StatusCode);
                return response;
            }
            catch (Exception exception) when (Says(exception))
            {
                throw;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                watch.Heard(response.StatusCode);
                return response;
            }
            catch (Exception exception) when (Says(exception))
            {
                throw;
            }
        }

        private bool Says(Exception exception)
        {
            watch.Missed(exception.Message);
            return false;
        }
    }
}
