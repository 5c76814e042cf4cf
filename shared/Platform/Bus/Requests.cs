using MassTransit;

namespace Mlops.Platform.Bus;

/// <summary>Requests that end.</summary>
public static class Requests
{
    /// <summary>Asks, and waits for the response.</summary>
    /// <param name="timeout">For the response; it begins when the request leaves, and does not end the sending.</param>
    /// <param name="sendTimeout">For the bus to take the request.</param>
    /// <exception cref="TimeoutException">The bus did not take the request in time.</exception>
    /// <exception cref="RequestTimeoutException">There was no response in time.</exception>
    public static async Task<TResponse> AskAsync<TRequest, TResponse>(
        this IRequestClient<TRequest> client, TRequest request, TimeSpan timeout, TimeSpan sendTimeout,
        TimeProvider time, CancellationToken cancellationToken)
        where TRequest : class
        where TResponse : class
    {
        using var handle = client.Create(request, cancellationToken, timeout);
        var response = handle.GetResponse<TResponse>();
        await handle.Message.WaitAsync(sendTimeout, time, cancellationToken);
        return (await response).Message;
    }
}
