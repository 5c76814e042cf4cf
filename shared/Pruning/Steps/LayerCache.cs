using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>The last contributions of the layers that a table carries on, through one sampling run: two of each, one
/// where all is plain reuse. A pair of guidance branches is one batch and is kept as one.</summary>
internal sealed class LayerCache
{
    private readonly LayerCarry _carry;
    private readonly int _kept;
    private readonly Dictionary<string, List<(int Step, Tensor Value)>> _ran;

    // What is kept lives as long as this, which is in the dispose scope of the whole run.
    private readonly Tensor _run = zeros(0, device: CPU);

    public LayerCache(IReadOnlyList<StepAction> actions)
    {
        var partial = actions.OfType<StepAction.Partial>().ToArray();
        _carry = partial.Select(action => action.Carry).FirstOrDefault();
        _kept = Kept(partial);
        _ran = partial.SelectMany(action => action.Layers).Distinct(StringComparer.Ordinal)
            .ToDictionary(layer => layer, _ => new List<(int Step, Tensor Value)>(), StringComparer.Ordinal);
    }

    /// <summary>Whether the table carries on any layer.</summary>
    public bool IsNeeded => _ran.Count > 0;

    /// <summary>Steps before a step whose calls must be made again, so that a new cache holds what is held there: the
    /// last whole runs. For tables whose steps all carry on the same layers.</summary>
    public static IReadOnlyList<int> Filling(IReadOnlyList<StepAction> actions, int step)
    {
        StepAction.Partial[] partial = [.. actions.OfType<StepAction.Partial>()];
        return partial.Length == 0 ? [] : [.. Enumerable.Range(0, step)
            .Where(earlier => actions[earlier] is StepAction.Run).TakeLast(Kept(partial))];
    }

    /// <summary>What a step does with the layers.</summary>
    /// <param name="partial">Null runs all of them.</param>
    public LayerControl At(int step, StepAction.Partial? partial)
    {
        var carried = partial?.Layers.ToHashSet(StringComparer.Ordinal) ?? [];
        return new()
        {
            Cache = (name, bypass, layer) => !_ran.TryGetValue(name, out var ran) ? layer(null)
                : carried.Contains(name) ? Carried(ran, step, partial!.Beta, bypass)
                : Ran(ran, step, bypass, layer),
        };
    }

    private static int Kept(StepAction.Partial[] partial) => partial.All(action => action.Beta == 0) ? 1 : 2;

    private Tensor Carried(List<(int Step, Tensor Value)> ran, int step, double beta, Func<Tensor> bypass)
    {
        using var scope = NewDisposeScope();
        var (last, value) = ran[^1];
        value = value.alias();
        if (beta != 0 && ran.Count > 1)
            value = value + ((value - ran[0].Value) * (beta * (step - last) / (last - ran[0].Step)));
        return scope.MoveToOuter(_carry == LayerCarry.Output ? value : bypass() + value);
    }

    private Tensor Ran(
        List<(int Step, Tensor Value)> ran, int step, Func<Tensor> bypass, Func<Tensor?, Tensor> layer)
    {
        using var scope = NewDisposeScope();
        var beside = _carry == LayerCarry.Residual ? bypass() : null;
        var output = layer(beside);
        var value = beside is null ? output.alias() : output - beside;
        if (ran.Count == _kept)
        {
            ran[0].Value.Dispose();
            ran.RemoveAt(0);
        }

        ran.Add((step, value.MoveToOtherDisposeScope(_run)));
        return scope.MoveToOuter(output);
    }
}
