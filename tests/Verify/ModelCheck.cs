using System.Text.Json.Nodes;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>One network: its weights load strictly, its forward passes and its counts are the recorded ones.</summary>
internal sealed class ModelCheck(Placement placement) : IFixtureCheck
{
    // Counts are whole numbers: any difference fails.
    private const double Exact = 0.5;

    // bfloat16 has 8 bits; errors of some dozens of layers add up.
    private const double HalfPrecision = 0.05;

    public bool Handles(FixtureCase fixture) => fixture.Has("calls")
        && !File.Exists(fixture.Path("model_index.json"));

    public string? NotBuilt(FixtureCase fixture) => FixtureCase.NotBuilt(fixture.Folder);

    public IReadOnlyList<CheckResult> Run(FixtureCase fixture, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var model = ModelFolder.Load(fixture.Folder, placement);
        model.eval();
        using var record = fixture.Tensors("io.safetensors");
        var calls = fixture.Facts["calls"]!.AsArray();
        var results = new List<CheckResult>();
        foreach (var call in calls)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var id = (string)call!["id"]!;
            var output = Predict(model, record, id);
            foreach (var (name, expected) in call["outputs"]!.AsObject())
                results.Add(Compare($"call {id}, {name}", output, record.Read($"{id}.out.{name}"), expected!));
        }
        if (File.Exists(fixture.Path("counts.json")))
            AddCounts(results, fixture, model, calls[0]!["inputs"]!.AsObject());
        return results;
    }

    private CheckResult Compare(string name, Tensor ours, Tensor theirs, JsonNode expected) =>
        placement.Dtype == ScalarType.Float32
            ? new(name, Difference.Largest(ours.cpu(), theirs), (double)expected["suggested_atol"]!)
            : new(name, Difference.Relative(ours.cpu(), theirs), HalfPrecision);

    private static Tensor Predict(Denoiser model, SafetensorsFile record, string id)
    {
        var names = record.Header.Tensors.Keys;
        var stray = names.FirstOrDefault(name => name.StartsWith($"{id}.in.", StringComparison.Ordinal)
            && name[$"{id}.in.".Length..] is not ("sample" or "hidden_states" or "timestep" or "class_labels"));
        if (stray is not null)
            throw new InvalidDataException(
                $"{record.Path} has the input \"{stray}\", which {model.GetName()} does not take.");
        var sample = Read(names.Contains($"{id}.in.sample") ? $"{id}.in.sample" : $"{id}.in.hidden_states");
        var labels = names.Contains($"{id}.in.class_labels") ? Read($"{id}.in.class_labels") : null;
        return model.Predict(sample, Read($"{id}.in.timestep"), labels);

        Tensor Read(string name) => record.Read(name).to(model.Device);
    }

    private static void AddCounts(
        List<CheckResult> results, FixtureCase fixture, Denoiser model, JsonObject inputs)
    {
        var shape = (inputs["sample"] ?? inputs["hidden_states"])!["shape"]!.AsArray()
            .Select(size => (long)size!).ToList();
        var cost = MacCounter.Count(model, shape[0], (shape[2], shape[3]));
        var counts = FixtureCase.ReadObject(fixture.Path("counts.json"));
        var expected = counts["modules"]!.AsArray().ToDictionary(module => (string)module!["name"]!);
        results.AddRange(Totals(cost, counts["totals"]!));
        foreach (var module in cost.Modules)
        {
            var theirs = expected.GetValueOrDefault(module.Name);
            var error = theirs is null ? double.PositiveInfinity
                : Math.Abs(module.Parameters - (long)theirs["params"]!)
                + Math.Abs(module.Conv - (long)theirs["macs_conv"]!)
                + Math.Abs(module.Linear - (long)theirs["macs_linear"]!)
                + Math.Abs(module.Attention - (long)theirs["macs_attention"]!);
            results.Add(new CheckResult($"counts of {module.Name}", error, Exact));
        }
    }

    /// <summary>Compares the four totals.</summary>
    internal static IEnumerable<CheckResult> Totals(ModelCost cost, JsonNode expected) =>
    [
        new("parameters", Math.Abs(cost.Parameters - (long)expected["params"]!), Exact),
        new("MACs of convolutions", Math.Abs(cost.Conv - (long)expected["macs_conv"]!), Exact),
        new("MACs of linear layers", Math.Abs(cost.Linear - (long)expected["macs_linear"]!), Exact),
        new("MACs of attention products", Math.Abs(cost.Attention - (long)expected["macs_attention"]!), Exact),
    ];
}
