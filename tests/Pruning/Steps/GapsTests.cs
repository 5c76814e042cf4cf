using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class GapsTests
{
    [Fact]
    public void Gaps_read_from_their_text_are_the_same_to_the_last_bit()
    {
        using var scope = NewDisposeScope();
        using var network = SomeNetwork.UNet();
        var problem = SomeProblem.WithLayers(network, 5);
        foreach (var between in (StepAction.Partial?[])[null, LayerPatterns.All(network, 0)])
        {
            using var search = new StepSearch(
                problem, null, new(StepMethod.Solver, 3, StepAim.Sampler, Signs: 1, Between: between),
                purpose => Probes.Draw(network, 2, purpose, 2));
            var gaps = search.Measure(default);

            var read = Gaps.FromJson(gaps.ToJson());

            Assert.Equal(gaps.Evaluations, read.Evaluations);
            var places =
                from before in Enumerable.Range(-1, 5)
                from last in Enumerable.Range(0, 5)
                from length in Enumerable.Range(0, 6)
                select (before, last, length);
            Assert.All(places, at => Assert.Equal(
                gaps.Best(at.before, at.last, at.length), read.Best(at.before, at.last, at.length)));
            Assert.NotNull(read.Best(0, 1, 2)!.Action);
        }
    }

    [Fact]
    public void A_gap_without_a_finite_damage_survives_and_a_cut_text_is_refused()
    {
        var gaps = new Gaps(new Dictionary<(int, int, int), Gap>
        {
            [(-1, 0, 0)] = new(null, 0.25), [(-1, 0, 1)] = new(new StepAction.Forecast(ForecastKind.Clean, 0.5),
                double.PositiveInfinity),
        }, 3);

        Assert.Equal(gaps.Best(0, 0, 1), Gaps.FromJson(gaps.ToJson()).Best(-1, 0, 1));
        Assert.Throws<InvalidDataException>(() => Gaps.FromJson(gaps.ToJson()[..50]));
    }
}
