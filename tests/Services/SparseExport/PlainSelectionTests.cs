using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.SparseExport;
using Mlops.Tests.Pruning;

namespace Mlops.Tests.Services.SparseExport;

public sealed class PlainSelectionTests
{
    [Theory]
    [InlineData("unet", 0.95, 1)]
    [InlineData("unet", 0.8, 2)]
    [InlineData("unet", 0.6, 3)]
    [InlineData("dit", 0.6, 4)]
    public void No_set_that_a_config_can_say_and_that_frees_as_much_has_less_damage(
        string family, double macs, long seed)
    {
        using var network = family == "unet" ? SomeNetwork.UNet() : SomeNetwork.DiT();
        var random = new SeededRandom((ulong)seed);
        double[] scores = [.. network.Layers.Select(_ => random.Next())];

        var drop = PlainSelection.Drop(network, scores, macs);

        Assert.True(IsSayable(network, drop));
        var (costs, total) = (MacCounter.LayerCosts(network), MacCounter.Count(network).Macs);
        double Score(IEnumerable<LayerInfo> layers) => layers.Sum(layer => scores[layer.Index]);
        var best = Subsets(network.Layers)
            .Where(set => total - set.Sum(layer => costs[layer.Index]) <= total * macs
                && IsSayable(network, [.. set.Select(layer => layer.Name)]))
            .Min(Score);
        Assert.Equal(best, Score(network.Layers.Where(layer => drop.Contains(layer.Name))), 1e-12);
    }

    [Fact]
    public void What_no_such_set_frees_is_said()
    {
        using var network = SomeNetwork.UNet();

        var refused = Assert.Throws<InvalidDataException>(() =>
            PlainSelection.Drop(network, [.. network.Layers.Select(_ => 1.0)], 0.05));

        Assert.Contains("turn plain-config off", refused.Message, StringComparison.Ordinal);
    }

    private static bool IsSayable(Denoiser network, IReadOnlyList<string> skip)
    {
        using var native = NativeModel.From(network, new PlanVariant(skip), out _);
        return native is not null;
    }

    private static IEnumerable<List<LayerInfo>> Subsets(IReadOnlyList<LayerInfo> layers) =>
        Enumerable.Range(0, 1 << layers.Count).Select(bits => layers
            .Where(layer => (bits >> layer.Index & 1) == 1).ToList());
}
