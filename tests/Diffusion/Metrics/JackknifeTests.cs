using Mlops.Diffusion.Metrics;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class JackknifeTests
{
    private const int Rows = 200, Width = 8, Sets = 120;

    [Fact]
    public void Of_a_mean_it_is_students_interval_of_the_groups_means()
    {
        // Groups of one value: 0, 1, …, 9 with mean 4.5 and standard deviation √(82.5 / 9).
        double[] without = [.. Enumerable.Range(0, 10).Select(left => (45.0 - left) / 9)];

        var interval = new Jackknife(4.5, without).Interval();

        Assert.Equal(2.262157 * Math.Sqrt(82.5 / 9 / 10), interval.High - 4.5, 1e-5);
        Assert.Equal(9, interval.Low + interval.High, 1e-12);
        Assert.Throws<InvalidDataException>(() => new Jackknife(1, []).Interval());
    }

    [Fact]
    public void Every_estimate_without_a_group_is_that_of_the_remaining_rows()
    {
        using var scope = NewDisposeScope();
        Tensor x = Normal(1, 40), y = Normal(2, 40) * 1.2;
        var rest = (Tensor all) => cat([all.narrow(0, 0, 8), all.narrow(0, 12, 28)], 0);  // without the third group

        var manifolds = PrecisionRecall.Estimate(x, y);
        var smaller = PrecisionRecall.Estimate(rest(x), rest(y));

        Assert.Equal(Kid.Distance(rest(x), rest(y)), Kid.Estimate(x, y).Without[2], 1e-12);
        Assert.Equal(Frechet.Distance(rest(x), rest(y)), Frechet.Estimate(x, y).Without[2], 1e-9);
        Assert.Equal(smaller.Precision.Value, manifolds.Precision.Without[2], 1e-12);
        Assert.Equal(smaller.Recall.Value, manifolds.Recall.Without[2], 1e-12);
        Assert.Equal(smaller.Density.Value, manifolds.Density.Without[2], 1e-12);
    }

    [Fact]
    public void Intervals_cover_what_sets_of_that_size_give_on_average_and_a_bootstrap_of_frechet_does_not()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var (covered, above) = (new Dictionary<string, int>(), 0);
        var found = Enumerable.Range(0, Sets).Select(set =>
        {
            using var inner = NewDisposeScope();
            Tensor x = Normal(2 * set, Rows), y = (Normal((2 * set) + 1, Rows) * 0.9) + 0.2;
            var again = randint(Rows, [Rows], dtype: int64, generator: generator);
            var copies = Frechet.Distance(x.index_select(0, again), y.index_select(0, again));
            var manifolds = PrecisionRecall.Estimate(x, y);
            var frechet = Frechet.Estimate(x, y);
            above += copies > frechet.Value ? 1 : 0;
            return new Dictionary<string, Jackknife>
            {
                ["kid"] = Kid.Estimate(x, y), ["frechet"] = frechet, ["precision"] = manifolds.Precision,
                ["recall"] = manifolds.Recall, ["density"] = manifolds.Density,
            };
        }).ToList();
        foreach (var name in found[0].Keys)
        {
            var mean = found.Average(estimates => estimates[name].Value);
            covered[name] = found.Select(estimates => estimates[name].Interval())
                .Count(interval => interval.Low <= mean && mean <= interval.High);
        }

        // 95 % of 120 are 114 with a standard deviation of 2.4.
        Assert.All(covered, count => Assert.True(count.Value is >= 104, $"{count.Key}: {count.Value} of {Sets}"));
        // A resampled set has copies: nearly always its distance is larger than that of the set itself.
        Assert.InRange(above, 0.8 * Sets, Sets);
    }

    private static Tensor Normal(int seed, int rows) =>
        randn([rows, Width], float64, generator: new Generator((ulong)seed + 100));
}
