using System.Text.Json;
using Mlops.Contracts.Commands;

namespace Mlops.Tests.Contracts;

public sealed class RequestRunTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static TheoryData<string, string> Misfits => new()
    {
        { "[]", "the request is a list; it must be a JSON object" },
        { "null", "the request is null; it must be a JSON object" },
        { "7", "the request is a number; it must be a JSON object" },
        { """{"recipee":"alter"}""", "unknown property 'recipee'; there are: runId, idempotencyKey, recipe" },
        { """{"recipe":["alter"]}""", "recipe is a list; it must be text" },
        { """{"recipe":"alter","inputs":"data/x"}""", "inputs is text; it must be an object" },
        { """{"recipe":"alter","inputs":{"data":{}}}""", "inputs: 'data' is an object; it must be text or a number" },
        { """{"recipe":"alter","settings":{"seed":null}}""", "settings: 'seed' is null; it must be text or a number" },
        { """{"recipe":"alter","format":{}}""", "format is an object; it must be text or a number" },
        { """{"recipe":"alter","runId":7}""", "runId is a number; it must be text" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void What_does_not_fit_is_named(string json, string problem)
    {
        Assert.StartsWith(problem, Read(json).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_fits_is_read_beside_what_does_not()
    {
        var request = Read("""{"idempotencyKey":"k","recipe":5,"settings":{"seed":7,"tuned.lr":1e-4,"macs":"0.5"}}""");

        Assert.Equal("k", request.IdempotencyKey);
        Assert.Equal(["7", "1e-4", "0.5"], request.Settings!.Values);
        Assert.NotNull(request.Problem);
    }

    [Fact]
    public void A_request_is_the_same_after_it_was_written_and_read()
    {
        var request = new RequestRun(
            IdempotencyKey: "k", Recipe: "alter", Inputs: new Dictionary<string, string> { ["data"] = "data/x" },
            Format: RequestRun.KnownFormat);

        var json = JsonSerializer.Serialize(request, Web);

        Assert.Equal("""{"idempotencyKey":"k","recipe":"alter","inputs":{"data":"data/x"},"format":"1"}""", json);
        Assert.Equal(request.Inputs, Read(json).Inputs);
        Assert.Null(Read(json).Problem);
    }

    private static RequestRun Read(string json) => JsonSerializer.Deserialize<RequestRun>(json, Web)!;
}
