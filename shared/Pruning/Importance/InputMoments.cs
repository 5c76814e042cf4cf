using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// Second moments of what goes into linear layers, 2·Σ_t α_t·E[X_t·X_tᵀ] over every token of every pass: the Hessian of
/// the squared error of the layer's output (OBS-Diff, arXiv 2510.06751), summed in float64. Or only its diagonal.
/// </summary>
public sealed class InputMoments : IDisposable
{
    private readonly Dictionary<string, Tensor> _sums = new(StringComparer.Ordinal);
    private readonly List<Action> _unhook = [];
    private readonly bool _diagonal;
    private double _alpha, _weight;

    /// <param name="model">Observed until this is disposed.</param>
    /// <param name="diagonal">Keep mean squares, [features], instead of matrices, [features, features].</param>
    /// <exception cref="InvalidDataException">Channels of the model go into convolutions.</exception>
    public InputMoments(Denoiser model, bool diagonal)
    {
        _diagonal = diagonal;
        foreach (var (consumer, layer) in Consumers(model))
            _unhook.Add(layer.register_forward_pre_hook((_, input) =>
            {
                Add(consumer, input);
                return input;
            }).remove);
    }

    /// <summary>The linear layer that takes a group's channels in.</summary>
    /// <exception cref="InvalidDataException">There are convolutions, or several layers, instead.</exception>
    public static string Consumer(ChannelGroup group) =>
        group.Members.Where(member => member.Kind is MemberKind.LinearIn or MemberKind.ConvIn).ToArray()
            is [{ Kind: MemberKind.LinearIn } only]
            ? only.Module
            : throw new InvalidDataException(
                $"the channels of '{group.Root}' do not go into one linear layer, and only the inputs of such are "
                + "measured; prune a DiT this way, and a UNet with magnitude or diff-pruning");

    /// <summary>The most inputs that one of these layers has.</summary>
    /// <exception cref="InvalidDataException">There are convolutions, or several layers, instead.</exception>
    public static long MostInputs(Denoiser model) => Consumers(model).Max(consumer => consumer.Layer.weight.shape[1]);

    /// <summary>α of the passes that follow, which have <paramref name="samples"/> samples each.</summary>
    public void Weigh(double alpha, long samples) => (_alpha, _weight) = (alpha, _weight + (alpha * samples));

    /// <summary>Moments by module so far, in the caller's dispose scope.</summary>
    public Dictionary<string, Tensor> Result() => _sums.ToDictionary(
        entry => entry.Key, entry => entry.Value * (2 / _weight), StringComparer.Ordinal);

    public void Dispose()
    {
        _unhook.ForEach(unhook => unhook());
        foreach (var sum in _sums.Values)
            sum.Dispose();
    }

    private static IEnumerable<(string Name, Linear Layer)> Consumers(Denoiser model)
    {
        var modules = model.named_modules().ToDictionary(
            entry => entry.name, entry => entry.module, StringComparer.Ordinal);
        return ChannelGroups.Of(model).Select(Consumer).Select(name => (name, (Linear)modules[name]));
    }

    private void Add(string module, Tensor input)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var x = input.reshape(-1, input.shape[^1]).to(float64);     // [N, S, F] -> [N·S, F]
        var moments = (_diagonal ? x.square().sum(0L) : x.t().mm(x)).mul_(_alpha);
        if (_sums.TryGetValue(module, out var sum))
            sum.add_(moments);
        else
            _sums[module] = moments.DetachFromDisposeScope();
    }
}
