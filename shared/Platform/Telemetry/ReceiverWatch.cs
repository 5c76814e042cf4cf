using System.Net;
using Microsoft.Extensions.Logging;

namespace Mlops.Platform.Telemetry;

/// <summary>
/// Carries telemetry to its receiver and says once when that is unavailable or refuses us, and once when it is back.
/// Those who send keep such things to themselves.
/// </summary>
internal sealed class ReceiverWatch(Uri address)
{
    // A receiver that hangs holds up the sending thread for so long, never the work.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3), GracePeriod = TimeSpan.FromSeconds(10);
    private const int LongestAnswer = 1 << 20;

    private readonly CancellationTokenSource _end = new();

    // One of several kinds of telemetry may be refused for good, without a line at every turn of the others.
    private readonly HashSet<string> _unavailable = [];

    private ILogger? _log;

    /// <summary>Where to say it; the loggers can be had only after what sends their lines was made.</summary>
    public void SayTo(ILogger log) => Volatile.Write(ref _log, log);

    /// <summary>The process ends: what cannot be sent soon stays unsent.</summary>
    public void EndSoon() => _end.CancelAfter(GracePeriod);

    /// <summary>Goes straight to the receiver: nothing else is contacted, and no span tells of it.</summary>
    public HttpMessageHandler Handler() => new Carrier(this)
    {
        InnerHandler = new SocketsHttpHandler
        {
            UseProxy = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null,
        },
    };

    private void Answered(string path, HttpStatusCode status)
    {
        if ((int)status is >= 200 and < 300)
            Reached(path);
        else if ((int)status < 500)
            Missed(path, $"it answers {(int)status}; fix MLOPS_SEQ or MLOPS_SEQ_API_KEY");
        else
            Missed(path, $"it answers {(int)status}");
    }

    private void Reached(string path)
    {
        lock (_unavailable)
            if (!_unavailable.Remove(path) || _unavailable.Count > 0)
                return;
        _log?.LogInformation("Telemetry reaches {Address} again", address);
    }

    private void Missed(string path, string reason)
    {
        if (Volatile.Read(ref _log) is not { } log)
            return;
        lock (_unavailable)
            if (!_unavailable.Add(path) || _unavailable.Count > 1)
                return;
        log.LogWarning("Telemetry does not reach {Address}: {Reason}; runs go on without it", address, reason);
    }

    private sealed class Carrier(ReceiverWatch watch) : DelegatingHandler
    {
        // Who calls this has a thread of its own for it.
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            SendAsync(request, cancellationToken).GetAwaiter().GetResult();

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watch._end.Token);
            limit.CancelAfter(Timeout);
            try
            {
                var response = await base.SendAsync(request, limit.Token);
                await response.Content.LoadIntoBufferAsync(LongestAnswer, limit.Token);
                watch.Answered(path, response.StatusCode);
                return response;
            }
            catch (Exception exception)
            {
                watch.Missed(path, exception is OperationCanceledException ? "it does not answer" : exception.Message);
                throw;
            }
        }
    }
}
