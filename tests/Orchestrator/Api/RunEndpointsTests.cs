using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mlops.Contracts.Evaluations;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Hosting;
using Mlops.Tests.Orchestrator.Champions;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Api;

public sealed class RunEndpointsTests : IDisposable
{
    private const string Random = """{"recipe":"random"}""";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    public static TheoryData<string, HttpStatusCode, string> Refusals => new()
    {
        { """{"recipe":"no-such"}""", HttpStatusCode.BadRequest, "unknown recipe 'no-such'" },
        { """{"recipee":"random"}""", HttpStatusCode.BadRequest, "unknown property 'recipee'" },
        { """{"recipe":"random","format":2}""", HttpStatusCode.BadRequest, "format 2 is not known" },
        { """{"recipe":"random","inputs":{"model":"model/none"}}""", HttpStatusCode.BadRequest, "model/none" },
        {
            """{"recipe":"random","inputs":{"data":"data/procedural","date":"data/procedural"}}""",
            HttpStatusCode.BadRequest, "uses no input 'date'"
        },
        { """{"recipe":"\ud800"}""", HttpStatusCode.BadRequest, "not the JSON" },
        { "{", HttpStatusCode.BadRequest, "not the JSON" },
        { "", HttpStatusCode.BadRequest, "not JSON: it is empty" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_posted_request_becomes_a_run_that_can_be_looked_at()
    {
        await using var host = await StartAsync();

        using var response = await host.PostAsync(Random, key: "k");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal($"/runs/{RunIds.From("k")}", response.Headers.Location!.ToString());
        var run = await RunAsync(host, response.Headers.Location.ToString());
        Assert.Equal((RunIds.From("k"), "random"), (run.RunId, run.Recipe));
        await host.Received.FirstAsync<RunCompleted>();
        run = await RunAsync(host, $"/runs/{RunIds.From("k").ToString()[..6]}");
        Assert.All(run.Jobs, job => Assert.Equal(JobStatus.Completed, job.Status));
    }

    [Fact]
    public async Task What_the_evaluation_found_is_told_and_what_cannot_be_read_is_said()
    {
        await using var host = await StartAsync();
        var unreadable = await host.SubmitAsync(Random);
        await host.Received.FirstAsync<RunCompleted>(done => done.RunId == unreadable);
        _work.Instead["evaluation"] = (_, folder, token) => File.WriteAllTextAsync(
            Path.Combine(folder, EvaluationReport.FileName), SomeEvaluation.Json(macs: 0.6, passed: false), token);
        var failed = await host.SubmitAsync("""{"recipe":"random","settings":{"seed":9}}""");
        await host.Received.FirstAsync<RunCompleted>(done => done.RunId == failed);

        var told = (await host.Http.GetFromJsonAsync<List<RunResponse>>("/runs", ApiJson.Options))!
            .ToDictionary(run => run.RunId, run => run.Evaluation!);

        Assert.Equal((RunVerdict.Fail, "alter"), (told[failed].Verdict, told[failed].Method));
        Assert.Equal(0.6, told[failed].Kept!.Value, 1e-12);
        Assert.Equal("mean SSIM is 0.8", Assert.Single(told[failed].Reasons));
        Assert.Equal((RunVerdict.Unreadable, null), (told[unreadable].Verdict, told[unreadable].Kept));
        Assert.Contains("has no evaluation.json", Assert.Single(told[unreadable].Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeat_is_the_same_run_and_other_content_is_a_conflict()
    {
        await using var host = await StartAsync();
        var run = await host.SubmitAsync(Random, key: "k");

        using var repeat = await host.PostAsync(Random, key: "k");
        using var other = await host.PostAsync("""{"recipe":"magnitude"}""", key: "k");
        using var torn = await host.PostAsync("""{"recipe":"random","idempotencyKey":"a"}""", key: "b");

        Assert.Equal(HttpStatusCode.OK, repeat.StatusCode);
        Assert.Equal(run, (await repeat.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("runId").GetGuid());
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Contains("other content", await SentenceAsync(other), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, torn.StatusCode);
        Assert.Single(await host.Http.GetFromJsonAsync<List<RunResponse>>("/runs", ApiJson.Options) ?? []);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_bad_request_is_refused_with_one_sentence(string body, HttpStatusCode status, string sentence)
    {
        await using var host = await StartAsync();

        using var response = await host.PostAsync(body);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains(sentence, await SentenceAsync(response), StringComparison.Ordinal);
        Assert.Empty(host.Received.All<RunStarted>());
    }

    [Fact]
    public async Task What_is_too_long_or_no_json_by_its_header_is_not_read()
    {
        await using var host = await StartAsync();

        using var form = await host.Http.PostAsync("/runs", new StringContent(Random));
        // The client waits for a word first; else the answer may come while it writes into a closed connection.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/runs")
        {
            Content = JsonContent.Create(new { recipe = new string('x', 2 << 20) }),
            Headers = { ExpectContinue = true },
        };
        await request.Content.LoadIntoBufferAsync();
        using var page = await host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, page.StatusCode);
    }

    [Fact]
    public async Task A_run_is_cancelled_and_resumed()
    {
        var begun = new TaskCompletionSource();
        _work.Instead["scores"] = async (_, _, cancellationToken) =>
        {
            begun.TrySetResult();
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        };
        await using var host = await StartAsync();
        var run = await host.SubmitAsync(Random);
        await begun.Task;

        using var cancelled = await host.PostAsync("", path: $"/runs/{run}/cancel");
        await host.Received.FirstAsync<RunCancelled>();
        using var again = await host.PostAsync("", path: $"/runs/{run}/cancel");
        _work.Instead.Clear();
        using var resumed = await host.PostAsync("", path: $"/runs/{run}/resume");

        Assert.Equal(HttpStatusCode.Accepted, cancelled.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Contains("nothing to cancel", await SentenceAsync(again), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, resumed.StatusCode);
        await host.Received.FirstAsync<RunCompleted>();
        using var late = await host.PostAsync("", path: $"/runs/{run}/resume");
        Assert.Contains("nothing to resume", await SentenceAsync(late), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demand_counts_what_waits_and_what_runs()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        _work.Instead["scores"] = async (job, folder, cancellationToken) =>
        {
            begun.TrySetResult();
            await goOn.Task;
            await FakeWork.WriteInputsAsync(job, folder, cancellationToken);
        };
        await using var host = await StartAsync();
        var runs = new[] { await host.SubmitAsync(Random), await host.SubmitAsync("""{"recipe":"magnitude"}""") };
        await begun.Task;
        foreach (var run in runs)
            await host.Received.FirstAsync<JobDispatched>(job => job.RunId == run && job.JobId == "scores");

        var demand = await host.Http.GetFromJsonAsync<JsonElement>("/demand");

        Assert.Equal(
            """{"waiting":1,"running":1,"wanted":2}""", demand.GetProperty("score-importance").GetRawText());
        Assert.Equal("""{"waiting":0,"running":0,"wanted":0}""", demand.GetProperty("evaluate").GetRawText());
        goOn.SetResult();
        foreach (var run in runs)
            await host.Received.FirstAsync<RunCompleted>(each => each.RunId == run);
    }

    [Theory]
    [InlineData("/runs/abc", HttpStatusCode.NotFound, "no run begins with 'abc'")]
    [InlineData("/runs/xyz", HttpStatusCode.BadRequest, "'xyz' is no run id")]
    [InlineData("/runs/abc/events", HttpStatusCode.NotFound, "no run begins with 'abc'")]
    public async Task An_unknown_run_is_said_to_be_unknown(string path, HttpStatusCode status, string sentence)
    {
        await using var host = await StartAsync();

        using var response = await host.Http.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(sentence, await SentenceAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_text_of_a_recipe_can_be_posted_back()
    {
        await using var host = await StartAsync();
        var recipes = await host.Http.GetFromJsonAsync<List<RecipeResponse>>("/recipes", ApiJson.Options);
        var random = recipes!.Single(recipe => recipe.Name == "random");

        var run = await host.SubmitAsync(JsonSerializer.Serialize(new { recipe = random.Text }));

        Assert.Equal("random", (await RunAsync(host, $"/runs/{run}")).Recipe);
    }

    [Fact]
    public async Task The_files_of_a_result_are_listed_and_given()
    {
        await using var host = await StartAsync();
        var run = await host.SubmitAsync(Random);
        await host.Received.FirstAsync<RunCompleted>();

        var files = await host.Http.GetFromJsonAsync<List<ResultFileResponse>>($"/runs/{run}/result", ApiJson.Options);
        var file = files!.First(each => each.JobId == "evaluation");
        using var given = await host.Http.GetAsync(file.Path);
        using var other = await host.Http.GetAsync($"/runs/{run}/result/evaluation/..%2f..%2fhistory.db");

        Assert.Equal(file.Bytes, (await given.Content.ReadAsByteArrayAsync()).LongLength);
        Assert.StartsWith("sandbox", given.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task The_interface_is_described_and_has_a_page()
    {
        await using var host = await StartAsync();

        var document = await host.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json");
        var page = await host.Http.GetStringAsync("/");

        var request = document.GetProperty("components").GetProperty("schemas").GetProperty("RequestRun");
        Assert.Equal("recipe", request.GetProperty("required")[0].GetString());
        Assert.True(document.GetProperty("paths").TryGetProperty("/runs/{run}/result/{job}/{file}", out _));
        Assert.Contains("<title>mlops runs</title>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_on_loopback_answers_to_no_other_name()
    {
        await using var host = await StartAsync();
        host.Http.DefaultRequestHeaders.Host = "evil.example";

        using var response = await host.Http.GetAsync("/runs");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task With_a_key_nobody_gets_in_without_it()
    {
        await using var host = await StartAsync(new ApiKey("open sesame"));

        using var without = await host.Http.GetAsync("/runs");
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "open barley");
        using var wrong = await host.PostAsync(Random);
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "open sesame");
        using var right = await host.PostAsync(Random);
        host.Http.DefaultRequestHeaders.Authorization = null;
        using var health = await host.Http.GetAsync("/health/ready");
        var metrics = await host.Http.GetStringAsync("/metrics");

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, right.StatusCode);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("# TYPE mlops_runs ", metrics, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_gc_collections_total counter", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_page_of_another_site_gets_in_only_with_the_key()
    {
        await using var host = await StartAsync();
        host.Http.DefaultRequestHeaders.Add("Origin", "https://elsewhere.example");

        using var response = await host.PostAsync(Random);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private Task<ApiHost> StartAsync(ApiKey? key = null) =>
        ApiHost.StartAsync(_folder.Path, _work, key: key);

    private static async Task<RunResponse> RunAsync(ApiHost host, string path) =>
        (await host.Http.GetFromJsonAsync<RunResponse>(path, ApiJson.Options))!;

    private static async Task<string> SentenceAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;
}
