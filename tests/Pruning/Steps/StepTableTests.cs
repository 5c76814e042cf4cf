using System.Text;
using Mlops.Diffusion.Data;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.Tests.Pruning.Steps;

public sealed class StepTableTests
{
    private const int Mutations = 1000;

    private static readonly StepTable Table = new(
        "ddim", 5, 2.5, UseClippedModelOutput: true, StepAim.Fine,
        [
            new StepAction.Run(), new StepAction.Forecast(ForecastKind.Velocity, 0.5), new StepAction.Run(1),
            new StepAction.Forecast(ForecastKind.Clean, -0.25),
            new StepAction.Forecast(ForecastKind.Noise, 0, Gamma: 0.5),
        ])
    {
        Timesteps = [999, 700, 420, 100, 3], DenseSampler = "dpm-solver",
    };

    private static readonly StepTable Layered = Table with
    {
        Actions =
        [
            new StepAction.Run(), new StepAction.Partial(LayerCarry.Output, ["a", "b"], 0.25),
            new StepAction.Forecast(ForecastKind.Velocity, 0.5), new StepAction.Partial(LayerCarry.Output, ["b"], 0),
            new StepAction.Run(),
        ],
    };

    [Fact]
    public void A_table_survives_its_json_and_that_of_its_plan()
    {
        var layered = PruningPlan.Constant("deepcache", 10, PlanVariant.Dense, 1).WithSteps(Layered);
        Assert.Equal(Layered, StepTableJson.FromJson(StepTableJson.ToJson(Layered), "here"));
        Assert.Equal(Layered, PlanFile.FromJson(PlanFile.ToJson(layered), "plan").Steps);
        Assert.NotEqual(Layered, Layered with { Actions = [.. Layered.Actions.Skip(1), Layered.Actions[0]] });
        var plan = PruningPlan.FromTable("forecast", [PlanVariant.Dense, new PlanVariant(["a"])], 0.9).WithSteps(Table);

        Assert.Equal(Table, StepTableJson.FromJson(StepTableJson.ToJson(Table), "here"));
        Assert.Equal(Table, PlanFile.FromJson(PlanFile.ToJson(plan), "plan").Steps);
        Assert.Null(PlanFile.FromJson(PlanFile.ToJson(plan.WithSteps(null)), "plan").Steps);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_thousand_damaged_tables_are_refused_in_a_sentence_or_read_as_what_they_say(bool layered)
    {
        var json = Encoding.UTF8.GetBytes(StepTableJson.ToJson(layered ? Layered : Table));
        var random = new SeededRandom(3);
        var refused = 0;
        for (var mutation = 0; mutation < Mutations; mutation++)
        {
            var text = Encoding.UTF8.GetString(Mutated(json, ref random));
            try
            {
                var read = StepTableJson.FromJson(text, "here");
                Assert.Equal(read, StepTableJson.FromJson(StepTableJson.ToJson(read), "here"));
            }
            catch (InvalidDataException exception)
            {
                Assert.StartsWith("the step table of 'here' ", exception.Message);
                refused++;
            }
        }

        Assert.InRange(refused, Mutations / 2, Mutations - 1);
    }

    [Theory]
    [InlineData("\"ddim\"", "\"heun\"", "names the sampler 'heun', but known are ddim,")]
    [InlineData("\"ddim\"", "\"auto\"", "names the sampler 'auto'")]
    [InlineData("\"steps\":5", "\"steps\":6", "has 5 actions for 6 steps")]
    [InlineData("\"dense_steps\":5", "\"dense_steps\":0", "has 0 dense steps, but they must be 1 to 1000")]
    [InlineData("\"fine\"", "\"rough\"", "has the aim 'rough', but known are sampler, fine")]
    [InlineData("{\"run\":0}", "{\"forecast\":\"v\",\"beta\":1}", "forecasts its first step")]
    [InlineData("{\"run\":0}", "{\"run\":0,\"beta\":1}", "must say at step 0 either run with a variant, or forecast")]
    [InlineData("{\"run\":1}", "null", "must say at step 2 either run")]
    [InlineData("{\"run\":1}", "{\"run\":-1}", "has an action that runs no variant")]
    [InlineData("\"beta\":0.5", "\"beta\":9", "beta and gamma in [-4, 4]")]
    [InlineData("\"gamma\":0.5", "\"gamma\":-5", "beta and gamma in [-4, 4]")]
    [InlineData("\"beta\":0.5", "\"delta\":1", "cannot be read")]
    [InlineData("700,420", "420,700", "has timestep 700 after 420, but timesteps must fall")]
    [InlineData("700,420", "700,700", "has timestep 700 after 700, but timesteps must fall and none may come twice")]
    [InlineData("[999,700,420,100,3]", "[999]", "has 1 timesteps, but a grid has at least 2")]
    [InlineData("420,100,3", "420", "has 3 timesteps for 5 steps")]
    [InlineData("100,3", "100,-3", "has the timestep -3, but timesteps are at least 0")]
    [InlineData("420", "420.5", "cannot be read")]
    [InlineData("\"dpm-solver\"", "\"heun\"", "names the sampler 'heun', but known are ddim,")]
    [InlineData("\"use_clipped_model_output\":true", "\"use_clipped_model_output\":false", "of its own for ddim")]
    public void A_broken_table_is_refused_with_what_is_wrong(string text, string broken, string complaint)
    {
        var json = StepTableJson.ToJson(Table);
        Assert.Contains(text, json);

        var refusal = Assert.Throws<InvalidDataException>(
            () => StepTableJson.FromJson(json.Replace(text, broken), "here"));

        Assert.Contains(complaint, refusal.Message);
    }

    [Theory]
    [InlineData("{\"run\":0}", "{\"beta\":0,\"carry\":\"output\",\"layers\":[\"a\"]}", "reuses layers in its first ")]
    [InlineData("\"carry\":\"output\"", "\"carry\":\"input\"", "or carry with one of residual, output, layers and")]
    [InlineData("\"layers\":[\"b\"]", "\"layers\":[null]", "must say at step 3 either run")]
    [InlineData("\"layers\":[\"b\"]", "\"layers\":[]", "whose layers are none or twice there")]
    [InlineData("[\"a\",\"b\"]", "[\"a\",\"a\"]", "whose layers are none or twice there")]
    [InlineData("\"beta\":0.25", "\"beta\":-5", "has an action whose beta is outside [-4, 4]")]
    [InlineData("\"beta\":0.25", "\"beta\":0.25,\"gamma\":1", "must say at step 1 either run")]
    [InlineData("\"output\",\"layers\":[\"b\"]", "\"residual\",\"layers\":[\"b\"]", "in others; it must be")]
    public void A_broken_table_of_layers_is_refused_with_what_is_wrong(string text, string broken, string complaint)
    {
        var json = StepTableJson.ToJson(Layered);
        var at = json.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0, json);

        var refusal = Assert.Throws<InvalidDataException>(
            () => StepTableJson.FromJson(json[..at] + broken + json[(at + text.Length)..], "here"));

        Assert.Contains(complaint, refusal.Message);
    }

    [Fact]
    public void A_table_that_runs_a_variant_which_the_plan_lacks_is_refused()
    {
        var refusal = Assert.Throws<InvalidDataException>(
            () => PruningPlan.Constant("forecast", 10, PlanVariant.Dense, 1).WithSteps(Table));

        Assert.Equal("the step table runs variant 1, but the pruning plan has 1", refusal.Message);
    }

    [Theory]
    [InlineData(0.5, 20, 10)]
    [InlineData(0.35, 20, 7)]
    [InlineData(0.1, 20, 2)]
    [InlineData(1, 3, 3)]
    public void A_share_of_the_macs_is_so_many_runs(double share, int steps, int runs)
    {
        Assert.Equal(runs, StepBudget.Runs(share, steps));
        Assert.Null(StepBudget.Refusal(share, steps));
    }

    [Theory]
    [InlineData(0.05, 20, "total-macs 0.05 of 20 steps leaves 1 evaluations", "ask for at least 0.1")]
    [InlineData(0.5, 1, "total-macs 0.5 of 1 steps leaves 0 evaluations", "take more steps")]
    public void Fewer_than_two_runs_are_refused_with_the_least_share(
        double share, int steps, string complaint, string advice)
    {
        var refusal = StepBudget.Refusal(share, steps);

        Assert.StartsWith(complaint, refusal);
        Assert.EndsWith(advice, refusal);
    }

    private static byte[] Mutated(byte[] json, ref SeededRandom random)
    {
        var list = json.ToList();
        var at = random.Below(list.Count);
        switch (random.Below(4))
        {
            case 0:
                list.RemoveAt(at);
                break;
            case 1:
                list.Insert(at, json[random.Below(json.Length)]);
                break;
            case 2:
                list[at] = (byte)(32 + random.Below(95));
                break;
            default:
                list.RemoveRange(at, Math.Min(1 + random.Below(20), list.Count - at));
                break;
        }

        return [.. list];
    }
}
