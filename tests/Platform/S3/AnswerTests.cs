using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Mlops.Contracts;
using Mlops.Platform.Objects.S3;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform.S3;

/// <summary>What a server may answer on a bad day, and what is made of it.</summary>
public sealed class AnswerTests : IDisposable
{
    private static readonly ObjectRef Mine = new(new string('a', 64), 3), Other = new(new string('b', 64), 3);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.BadRequest)]
    public async Task A_refusal_without_a_word_that_may_pass_is_answered_by_another_try(HttpStatusCode status)
    {
        await using var server = await AnsweringServer.StartAsync((context, before) =>
            AnswerAsync(context, before == 0 ? status : HttpStatusCode.OK));
        using var store = Open(server);

        var reference = await store.PutAsync(Body("abc"), default);

        Assert.Equal(3, reference.Length);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_page_of_a_proxy_is_one_sentence()
    {
        await using var server = await AnsweringServer.StartAsync((context, _) =>
            AnswerAsync(context, HttpStatusCode.BadGateway, "<!DOCTYPE html><html><p>Bad gateway<br></html>"));
        using var store = Open(server, TimeSpan.Zero);

        var thrown = await Assert.ThrowsAsync<IOException>(() => store.OpenAsync(Mine, default));

        Assert.EndsWith("cannot serve us now (BadGateway); look at its log", thrown.Message);
    }

    [Fact]
    public async Task An_error_that_comes_with_status_200_is_an_error()
    {
        await using var server = await AnsweringServer.StartAsync((context, _) => context.Request switch
        {
            { Method: "HEAD", Path.Value: not "/bucket/" } => AnswerAsync(context, HttpStatusCode.NotFound),
            { Method: "POST", Query: var query } when query.ContainsKey("uploads") => AnswerAsync(
                context, HttpStatusCode.OK,
                "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"),
            { Method: "POST" } => AnswerAsync(
                context, HttpStatusCode.OK, "<?xml version='1.0'?>\n<Error><Code>InternalError</Code></Error>"),
            _ => AnswerAsync(context, HttpStatusCode.OK),
        });
        using var store = Open(server, TimeSpan.Zero);
        var large = new MemoryStream(new byte[6 << 20]);

        var thrown = await Assert.ThrowsAsync<IOException>(() => store.PutAsync(large, default));

        Assert.Contains("(InternalError)", thrown.Message);
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task A_name_that_is_taken_is_ours_only_if_an_answer_was_lost_and_it_points_where_we_wanted(
        bool answerWasLost, bool pointsAtOurs, bool expected)
    {
        var stored = JsonSerializer.Serialize(pointsAtOurs ? Mine : Other, JsonSerializerOptions.Web);
        await using var server = await AnsweringServer.StartAsync((context, before) =>
        {
            if (context.Request.Method == "GET")
                return AnswerAsync(context, HttpStatusCode.OK, stored);
            Assert.Equal("*", context.Request.Headers.IfNoneMatch);
            if (!answerWasLost || before > 0)
                return AnswerAsync(context, HttpStatusCode.PreconditionFailed);
            context.Abort();
            return Task.CompletedTask;
        });
        using var store = Open(server);

        Assert.Equal(expected, await store.TryCreateNameAsync("results/x", Mine, default));
    }

    [Fact]
    public async Task An_object_whose_bytes_end_early_is_read_again()
    {
        var reference = new ObjectRef("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3);
        await using var server = await AnsweringServer.StartAsync(async (context, before) =>
        {
            context.Response.ContentLength = 3;
            await context.Response.WriteAsync(before == 0 ? "a" : "abc");
            await context.Response.Body.FlushAsync();
            if (before == 0)
                context.Abort();
        });
        using var store = Open(server);

        await using var content = await store.OpenAsync(reference, default);

        using var reader = new StreamReader(content);
        Assert.Equal("abc", await reader.ReadToEndAsync());
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_request_that_breaks_after_longer_than_we_would_wait_is_tried_again_all_the_same()
    {
        var (asked, breaks) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var server = await AnsweringServer.StartAsync(async (context, before) =>
        {
            if (before > 0)
                return;
            asked.SetResult();
            await breaks.Task;
            context.Abort();
        });
        var time = new ManualTime();
        using var store = Open(server, time: time);
        var transfer = store.PutAsync(Body("abc"), default);
        await asked.Task;

        time.Advance(TimeSpan.FromSeconds(60));
        breaks.SetResult();
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(transfer.IsCompleted);
            }, "the second try");

        await transfer;
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("GET")]
    public async Task A_server_that_never_answers_is_given_up_after_100_s(string method)
    {
        var asked = new TaskCompletionSource();
        await using var server = await AnsweringServer.StartAsync((context, _) => NeverAsync(context, asked));
        var time = new ManualTime();
        using var store = Open(server, TimeSpan.Zero, time);
        var transfer = TransferAsync(store, method, default);
        await asked.Task;

        time.Advance(TimeSpan.FromSeconds(99));
        Assert.False(transfer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        var thrown = await Assert.ThrowsAsync<IOException>(() => transfer);
        Assert.Contains("cannot be reached", thrown.Message);
        Assert.DoesNotContain(server.Options.SecretKey, thrown.ToString());
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("GET")]
    public async Task A_transfer_that_is_stopped_ends_although_the_server_does_not_answer(string method)
    {
        var asked = new TaskCompletionSource();
        await using var server = await AnsweringServer.StartAsync((context, _) => NeverAsync(context, asked));
        using var store = Open(server);
        using var stop = new CancellationTokenSource();
        var transfer = TransferAsync(store, method, stop.Token);
        await asked.Task;

        await stop.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => transfer);
    }

    [Fact]
    public async Task A_bucket_whose_name_no_server_takes_is_a_setting_to_correct()
    {
        await using var server = await AnsweringServer.StartAsync((context, _) =>
            AnswerAsync(context, HttpStatusCode.OK));
        using var store = new S3ObjectStore(server.Options with { Bucket = "My_Bucket" }, _folder.File("transfers"));

        var thrown = await Assert.ThrowsAsync<ArgumentException>(() => store.PutAsync(Body("abc"), default));
        var reading = await Assert.ThrowsAsync<ArgumentException>(() => store.OpenAsync(Mine, default));

        Assert.Contains("has no bucket 'My_Bucket'; make it or correct MLOPS_STORE", thrown.Message);
        Assert.Equal(thrown.Message, reading.Message);
        Assert.Empty(server.Requests);
    }

    public void Dispose() => _folder.Dispose();

    private S3ObjectStore Open(AnsweringServer server, TimeSpan? retryWindow = null, TimeProvider? time = null) =>
        new(server.Options, _folder.File("transfers"), retryWindow, time);

    private static Task TransferAsync(S3ObjectStore store, string method, CancellationToken cancellationToken) =>
        method == "PUT" ? store.PutAsync(Body("abc"), cancellationToken) : store.OpenAsync(Mine, cancellationToken);

    private static async Task NeverAsync(HttpContext context, TaskCompletionSource asked)
    {
        var end = new TaskCompletionSource();
        await using var hungUp = context.RequestAborted.Register(end.SetResult);
        asked.TrySetResult();
        await end.Task;
    }

    private static MemoryStream Body(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task AnswerAsync(HttpContext context, HttpStatusCode status, string body = "")
    {
        context.Response.StatusCode = (int)status;
        await context.Response.WriteAsync(body);
    }
}
