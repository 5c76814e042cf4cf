using Mlops.Contracts;
using Mlops.Platform.Jobs;

namespace Mlops.Tests.Platform;

public sealed class JobKeyTests
{
    private static readonly ObjectRef A = new(new string('a', 64), 1);
    private static readonly ObjectRef B = new(new string('b', 64), 1);

    private static readonly JobOrder Order = new(
        "tuned", 1, """{"steps": 7, "mode": {"x": 1, "y": 2}}""",
        new Dictionary<string, ObjectRef> { ["model"] = A, ["data"] = B }, Seed: 3);

    private static readonly Dictionary<string, string> Code = new() { ["Mlops.Some"] = "1" };
    private static readonly Dictionary<string, string> OtherCode = new() { ["Mlops.Some"] = "2" };

    [Fact]
    public void Run_name_attempt_and_order_of_options_do_not_change_the_key()
    {
        var same = Order with
        {
            JobId = "other", Attempt = 9, Settings = """{"mode":{"y":2,"x":1},"steps":7}""",
            Inputs = new Dictionary<string, ObjectRef> { ["data"] = B, ["model"] = A },
        };

        Assert.Equal(KeyOf("train/1", Order), KeyOf("train/1", same));
    }

    [Fact]
    public void Everything_the_result_depends_on_changes_the_key()
    {
        JobOrder[] others =
        [
            Order with { Seed = 4 },
            Order with { Settings = """{"steps": 8, "mode": {"x": 1, "y": 2}}""" },
            Order with { Inputs = new Dictionary<string, ObjectRef> { ["model"] = B, ["data"] = A } },
            Order with { Inputs = new Dictionary<string, ObjectRef> { ["model"] = A } },
        ];

        var keys = others.Select(order => KeyOf("train/1", order))
            .Append(KeyOf("train/1", Order)).Append(KeyOf("train/2", Order))
            .Append(JobKey.Of("train/1", OtherCode, Order).Digest).ToArray();

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void The_parts_name_each_field()
    {
        var parts = JobKey.Of("train/1", Code, Order).Parts;

        Assert.Equal(
            [
                "code.Mlops.Some: 1", $"inputs.data: {B.Sha256}", $"inputs.model: {A.Sha256}", "protocol: train/1",
                "seed: 3", """settings.mode: {"x":1,"y":2}""", "settings.steps: 7",
            ],
            parts.Select(part => $"{part.Key}: {part.Value}"));
    }

    [Fact]
    public void The_code_of_a_worker_is_its_assembly_and_ours_below_it_without_what_only_carries()
    {
        var code = CodeVersion.Of(typeof(Mlops.CoFinetuning.CoFinetuner).Assembly);

        Assert.Equal(["Mlops.CoFinetuning", "Mlops.Diffusion", "Mlops.Pruning"], code.Keys);
        Assert.Equal(3, code.Values.Distinct().Count());
    }

    private static string KeyOf(string protocol, JobOrder order) => JobKey.Of(protocol, Code, order).Digest;
}
