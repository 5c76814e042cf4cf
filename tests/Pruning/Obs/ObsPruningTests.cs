using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Obs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Obs;

/// <summary>Second-order pruning of a whole transformer.</summary>
public sealed class ObsPruningTests : IDisposable
{
    private const string Output = "transformer_blocks.0.attn1.to_out.0";
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _noGrad = no_grad();
    private readonly Denoiser _network = SomeNetwork.DiT();

    public void Dispose()
    {
        _network.Dispose();
        _noGrad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Moments_are_the_weighted_sum_over_passes_of_what_went_into_a_layer()
    {
        var (sample, _, labels) = SomeNetwork.Question(_network);
        var seen = new List<Tensor>();
        var layer = (Linear)_network.named_modules().Single(entry => entry.name == Output).module;
        var hook = layer.register_forward_pre_hook((_, input) =>
        {
            seen.Add(input.reshape(-1, input.shape[^1]).to(float64).DetachFromDisposeScope());
            return input;
        });
        using var whole = new InputMoments(_network, diagonal: false);
        using var diagonal = new InputMoments(_network, diagonal: true);
        foreach (var (alpha, t) in new[] { (1.2, 18L), (0.8, 2L) })
        {
            whole.Weigh(alpha, samples: 3);
            diagonal.Weigh(alpha, samples: 3);
            _network.Predict(sample, tensor([t]), labels);
        }

        hook.remove();
        var expected = ((seen[0].t().mm(seen[0]) * 1.2) + (seen[1].t().mm(seen[1]) * 0.8)) * 2 / ((1.2 + 0.8) * 3);
        Assert.Equal(2, seen.Count);
        Assert.InRange((expected - whole.Result()[Output]).abs().max().item<double>(), 0, 1e-12);
        Assert.InRange(
            (expected.diagonal(0, 0, 1) - diagonal.Result()[Output]).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void A_sliced_network_equals_the_compensated_one_with_zeros()
    {
        var (sample, timestep, labels) = SomeNetwork.Question(_network);
        using var slicer = NetworkSlicer.Of(_network);
        var removals = Run(slicer, 0.5, Hessians());
        using var sliced = ModelFamily.Clone(_network);
        slicer.ApplyTo(sliced);
        using var masked = ModelFamily.Clone(_network);
        var weights = masked.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var group in ChannelGroups.Of(_network))
        {
            var name = $"{InputMoments.Consumer(group)}.weight";
            var kept = tensor(slicer.Kept[group.Root].ToArray());
            weights[name].copy_(zeros_like(weights[name]).index_copy_(1, kept, slicer.Weights[name]));
        }

        var (expected, actual) =
            (masked.Predict(sample, timestep, labels), sliced.Predict(sample, timestep, labels));

        Assert.Equal(ChannelGroups.Of(_network).Count, removals.Count);
        Assert.All(removals, removal => Assert.Equal(removal.Channels.Order(), removal.Channels));
        Assert.InRange(SomeNetwork.Distance(expected, actual), 0, 1e-5);
    }

    [Fact]
    public void Compensation_comes_nearer_to_the_dense_layer_than_slices_alone()
    {
        var hessians = Hessians();
        using var compensated = NetworkSlicer.Of(_network);
        using var cut = NetworkSlicer.Of(_network);
        Run(compensated, 0.5, hessians);
        cut.Keep(compensated.Kept);
        foreach (var group in ChannelGroups.Of(_network))
        {
            var name = InputMoments.Consumer(group);
            var (with, without) = (Error(compensated, group, hessians[name]), Error(cut, group, hessians[name]));
            Assert.True(with < 0.999 * without, $"{name}: {with} against {without}");
        }
    }

    [Fact]
    public void Nothing_due_leaves_every_weight_bit_for_bit()
    {
        using var slicer = NetworkSlicer.Of(_network);

        var removals = Run(slicer, 0, Hessians());

        Assert.Empty(removals);
        Assert.All(_network.named_parameters(), entry =>
            Assert.Equal(entry.parameter.bytes.ToArray(), slicer.Weights[entry.name].bytes.ToArray()));
    }

    [Fact]
    public void Convolutions_are_refused_before_anything_is_measured()
    {
        using var unet = SomeNetwork.UNet();

        var refusal = Assert.Throws<InvalidDataException>(() => new InputMoments(unet, diagonal: false));

        Assert.Contains("prune a DiT this way", refusal.Message);
    }

    private static IReadOnlyList<ChannelRemoval> Run(
        NetworkSlicer slicer, double ratio, Dictionary<string, Tensor> hessians) =>
        ObsPruning.Run(slicer, ratio, ObsPruning.Score(hessians), hessians);

    private double Error(NetworkSlicer slicer, ChannelGroup group, Tensor hessian)
    {
        var name = $"{InputMoments.Consumer(group)}.weight";
        var dense = _network.named_parameters().Single(entry => entry.name == name).parameter.to(float64);
        var spread = zeros_like(dense).index_copy_(
            1, tensor(slicer.Kept[group.Root].ToArray()), slicer.Weights[name].to(float64));
        var lost = spread - dense;
        return lost.mm(hessian).mm(lost.t()).trace().item<double>();
    }

    private Dictionary<string, Tensor> Hessians()
    {
        var (sample, _, labels) = SomeNetwork.Question(_network);
        using var moments = new InputMoments(_network, diagonal: false);
        foreach (var t in new[] { 18L, 10L, 2L })
        {
            moments.Weigh(1, samples: 3);
            _network.Predict(sample, tensor([t]), labels);
        }

        return moments.Result().ToDictionary(
            entry => entry.Key, entry => ObsLayer.Damped(entry.Value, 0.01, entry.Key));
    }
}
