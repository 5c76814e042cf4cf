using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>
/// Diff-Pruning's criterion and slicing against the published procedure: losses, stopping timestep, summed gradients,
/// groups, scores, removed channels, pruned weights and the pruned network's output.
/// </summary>
public sealed class TaylorCheck : IFixtureCheck
{
    private const double LossTolerance = 1e-4;
    private const double GradientTolerance = 1e-3;
    private const double ScoreTolerance = 1e-4;
    private const double OutputTolerance = 2e-5;

    // Whole numbers: any difference fails.
    private const double Exact = 0.5;

    private static readonly (string Name, ChannelScore Score)[] Methods =
    [
        ("diff-pruning", TaylorScore.DiffPruning), ("taylor", TaylorScore.Plain), ("magnitude", MagnitudeScore.Of),
    ];

    public bool Handles(FixtureCase fixture) =>
        fixture.Has("threshold") && fixture.Has("ratio") && fixture.Has("losses");

    public string? NotBuilt(FixtureCase fixture) => FixtureCase.NotBuilt(fixture.Folder);

    public IReadOnlyList<CheckResult> Run(FixtureCase fixture, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var hf = Walk(fixture, TaylorVariant.Hf, cancellationToken);
        using var exp = Walk(fixture, TaylorVariant.Exp, cancellationToken);
        return
        [
            .. Losses(fixture, "hf", hf), .. Losses(fixture, "exp", exp), .. Gradients(fixture, hf),
            .. Norms(fixture, exp), .. Scores(fixture), .. Pruned(fixture, hf),
        ];
    }

    private static AccumulatedGradients Walk(
        FixtureCase fixture, TaylorVariant variant, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var batch = fixture.Tensors("batch.safetensors");
        using var model = ModelFolder.Load(fixture.Folder);
        var scheduler = NoiseSchedulers.Load(fixture.Folder);
        var walk = new GradientAccumulation(model, scheduler)
        {
            Threshold = fixture.Number("threshold"),
            Variant = variant,
        };
        return walk.Run(new CalibrationBatch(batch.Read("clean"), batch.Read("noise")), 0,
            scheduler.TrainTimesteps - 1, cancellationToken);
    }

    private static IEnumerable<CheckResult> Losses(FixtureCase fixture, string variant, AccumulatedGradients sums)
    {
        var expected = fixture.Facts["losses"]![variant]!;
        var losses = expected["loss_per_timestep_until_stop"]!.AsArray().Select(loss => (double)loss!).ToList();
        var last = (double)expected["accumulated_timesteps"]![1]!;
        yield return new($"{variant}: timesteps walked", Math.Abs(losses.Count - sums.Losses.Count), Exact);
        yield return new($"{variant}: last timestep", Math.Abs(last - sums.Last), Exact);
        yield return new($"{variant}: losses",
            losses.Zip(sums.Losses, (a, b) => Math.Abs(a - b) / a).Max(), LossTolerance);
    }

    private static List<CheckResult> Gradients(FixtureCase fixture, AccumulatedGradients sums)
    {
        using var scope = NewDisposeScope();
        using var record = fixture.Tensors("accumulated_grads.safetensors");
        return [.. record.Header.Tensors.Keys.Select(name => new CheckResult($"summed gradient of {name}",
            sums.Gradients.TryGetValue(name, out var ours)
                ? Distance(ours, record.Read(name), min: 1e-3) : double.PositiveInfinity, GradientTolerance))];
    }

    private static IEnumerable<CheckResult> Norms(FixtureCase fixture, AccumulatedGradients sums)
    {
        if (!File.Exists(fixture.Path("exp_variant_grad_l2.json")))
            return [];
        var norms = JsonNode.Parse(File.ReadAllText(fixture.Path("exp_variant_grad_l2.json")))!.AsObject();
        return norms.Select(norm => new CheckResult($"exp: gradient norm of {norm.Key}",
            Math.Abs(sums.Gradients[norm.Key].square().sum().sqrt().item<float>() - (double)norm.Value!),
            GradientTolerance * Math.Max(1, (double)norm.Value!)));
    }

    // From the recorded gradients, so that scores are judged on their own.
    private static List<CheckResult> Scores(FixtureCase fixture)
    {
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Load(fixture.Folder);
        using var grads = fixture.Tensors("accumulated_grads.safetensors");
        using var record = fixture.Tensors("scores.safetensors");
        using var network = NetworkSlicer.Of(model, grads.Header.Tensors.Keys.ToDictionary(name => name, grads.Read));
        var groups = JsonNode.Parse(File.ReadAllText(fixture.Path("groups.json")))!.AsArray();
        var results = new List<CheckResult>
        {
            new("number of groups", Math.Abs(groups.Count - network.Groups.Count), Exact),
        };
        foreach (var (group, index) in network.Groups.Take(groups.Count).Select((group, index) => (group, index)))
        {
            results.Add(new($"root {group.Root}, width, norm groups, members of group {index:00}",
                Describe(group) == Describe(groups[index]!) ? 0 : 1, Exact));
            foreach (var (method, score) in Methods)
                results.Add(new($"{method} scores of group {index:00}",
                    Distance(tensor(score(group, network).Select(value => (float)value).ToArray(), device: CPU),
                        record.Read($"score.{method}.{index:00}"), min: 1), ScoreTolerance));
        }
        return results;
    }

    private static List<CheckResult> Pruned(FixtureCase fixture, AccumulatedGradients sums)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelFolder.Load(fixture.Folder);
        using var expected = fixture.Tensors("pruned_weights.safetensors");
        using var probes = fixture.Tensors("scores.safetensors");
        using var network = NetworkSlicer.Of(model, sums.Gradients);
        var full = Distance(Probe(model, probes), probes.Read("probe.out_full"), min: 1);
        var removals = SequentialPruning.Run(network, fixture.Number("ratio"), TaylorScore.DiffPruning);
        network.ApplyTo(model);
        var steps = fixture.Facts["sequential_pruning"]!.AsArray().Select(step =>
            $"{step!["root"]}: {string.Join(',', step["removed"]!.AsArray().Select(channel => (long)channel!))}");
        var same = steps.SequenceEqual(removals.Select(step => $"{step.Root}: {string.Join(',', step.Channels)}"));
        return
        [
            new("output before pruning", full, OutputTolerance),
            new("channels removed, group after group", same ? 0 : 1, Exact),
            .. expected.Header.Tensors.Keys.Select(name => new CheckResult($"pruned {name}",
                network.Weights.TryGetValue(name, out var ours)
                    ? Distance(ours, expected.Read(name), min: 1e-3) : double.PositiveInfinity, 1e-6)),
            new("output after pruning", Distance(Probe(model, probes), probes.Read("probe.out_pruned"), min: 1),
                OutputTolerance),
        ];
    }

    private static Tensor Probe(Denoiser model, SafetensorsFile probes) =>
        model.Predict(probes.Read("probe.noisy"), probes.Read("probe.timesteps"));

    private static string Describe(ChannelGroup group) =>
        $"{group.Root} {group.Width} {group.NormGroups} "
        + string.Join(' ', group.Members.Select(member => member.Module).Order());

    private static string Describe(JsonNode group) => $"{group["root"]} {group["width"]} {group["norm_groups"]} "
        + string.Join(' ', group["members"]!.AsArray().Select(member => (string)member!["module"]!).Order());

    // Largest difference relative to the largest reference value, which counts as no less than the given one.
    private static double Distance(Tensor ours, Tensor theirs, double min)
    {
        if (!ours.shape.SequenceEqual(theirs.shape))
            return double.PositiveInfinity;
        using var scope = NewDisposeScope();
        return (ours - theirs).abs().max().item<float>() / Math.Max(min, theirs.abs().max().item<float>());
    }
}
