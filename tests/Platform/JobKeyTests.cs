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

    [Fact]
    public void Run_name_attempt_and_order_of_options_do_not_change_the_key()
    {
        var same = Order with
        {
            JobId = "other", Attempt = 9, Settings = """{"mode":{"y":2,"x":1},"steps":7}""",
            Inputs = new Dictionary<string, ObjectRef> { ["data"] = B, ["model"] = A },
        };

        Assert.Equal(JobKey.Of("train/1", Order), JobKey.Of("train/1", same));
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

        var keys = others.Select(order => JobKey.Of("train/1", order))
            .Append(JobKey.Of("train/1", Order)).Append(JobKey.Of("train/2", Order)).ToArray();

        Assert.Equal(keys.Length, keys.Distinct().Count());
    }
}
