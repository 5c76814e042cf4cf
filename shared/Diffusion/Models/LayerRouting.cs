using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// Which layers run at which native timestep. Every call follows it and may leave out more; a batch of mixed timesteps
/// is split by variant and put together again.
/// </summary>
/// <param name="masks">For every variant one entry per layer; true runs it.</param>
/// <param name="rows">The variant of every native timestep.</param>
/// <param name="rowOf">From network time to native timestep; null: network times are native timesteps.</param>
public sealed class LayerRouting(
    IReadOnlyList<bool[]> masks, IReadOnlyList<int> rows, Func<double, long>? rowOf = null)
{
    /// <summary>The channels that a variant keeps, by group, in the caller's dispose scope; null: all of all.</summary>
    public Func<int, IReadOnlyDictionary<string, Tensor>?>? Keep { get; init; }

    /// <summary>Native timesteps.</summary>
    public int Timesteps => rows.Count;

    /// <summary>The native timestep of a network time, kept inside the table.</summary>
    public int RowOf(double time) => (int)Math.Clamp(rowOf?.Invoke(time) ?? (long)Math.Round(time), 0, rows.Count - 1);

    /// <summary>Whether a layer runs at a network time.</summary>
    public bool Runs(int layer, double time) => masks[rows[RowOf(time)]][layer];

    /// <summary>Share of the native timesteps first … end − 1 at which a layer runs.</summary>
    public double Share(int layer, int first, int end) =>
        Enumerable.Range(first, end - first).Count(row => masks[rows[row]][layer]) / (double)(end - first);

    /// <summary>Asks a network, which runs only what both the routing and <paramref name="control"/> run.</summary>
    /// <param name="networkOf">From variant to a pass of sample, times, labels and control.</param>
    /// <returns>As the network's, in the caller's dispose scope.</returns>
    public Tensor Predict(
        Func<int, Func<Tensor, Tensor, Tensor?, LayerControl?, Tensor>> networkOf, Tensor sample, Tensor timestep,
        Tensor? labels, LayerControl? control)
    {
        using var scope = NewDisposeScope();
        var variants = Array.ConvertAll(timestep.Doubles(), time => rows[RowOf(time)]);
        if (variants.Distinct().Count() == 1)
        {
            var maps = control?.Features is null ? null : new List<Tensor>();
            var output = networkOf(variants[0])(sample, timestep, labels, Under(variants[0], control, null, maps));
            maps?.ForEach(map => control!.Features!.Add(scope.MoveToOuter(map)));
            return scope.MoveToOuter(output);
        }

        var groups = Enumerable.Range(0, variants.Length).GroupBy(i => variants[i])
            .Select(group => (Variant: group.Key, Members: group.Select(i => (long)i).ToArray())).ToArray();
        var (outputs, features) = (new List<Tensor>(), new List<List<Tensor>>());
        foreach (var (variant, members) in groups)
        {
            var index = tensor(members, device: sample.device);
            features.Add([]);
            outputs.Add(networkOf(variant)(
                sample.index_select(0, index), timestep.index_select(0, index), labels?.index_select(0, index),
                Under(variant, control, members, control?.Features is null ? null : features[^1])));
        }

        var order = groups.SelectMany(group => group.Members).ToArray();
        var back = tensor([.. Enumerable.Range(0, order.Length).OrderBy(i => order[i]).Select(i => (long)i)],
            int64, sample.device);
        for (var map = 0; map < features[0].Count; map++)
            control!.Features!.Add(scope.MoveToOuter(Joined(features.Select(maps => maps[map]))));
        return scope.MoveToOuter(Joined(outputs));

        Tensor Joined(IEnumerable<Tensor> parts) => cat([.. parts], 0).index_select(0, back);
    }

    private LayerControl Under(int variant, LayerControl? control, long[]? members, List<Tensor>? features) => new()
    {
        Run = control?.Run is { } run
            ? [.. run.Zip(masks[variant], (asked, routed) => asked && routed)]
            : masks[variant],
        Gates = members is not null && control?.Gates is { } gates && gates.shape[0] > 1
            ? gates.index_select(0, tensor(members, int64, gates.device)) : control?.Gates,
        Rows = members is null ? control?.Rows : control?.Rows?.Select(rows => Among(members, rows)).ToArray(),
        Observe = control?.Observe, Features = features, Cache = control?.Cache,
        Keep = Keep?.Invoke(variant),
    };

    // Rows of a batch as rows of a part of it.
    private static long[]? Among(long[] members, long[]? rows) => rows is null ? null
        : [.. Enumerable.Range(0, members.Length).Where(at => rows.Contains(members[at])).Select(at => (long)at)];
}
