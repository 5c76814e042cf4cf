using System.Text.Json;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using Mlops.ImportanceScoring;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.SparseExport;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.SparseExport;

/// <summary>Every format of every family, loaded by the real library.</summary>
[Trait("Category", "Drill")]
public sealed partial class StockDiffusersTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private static readonly string FlowScheduler = """
        {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 20, "shift": 1.5}
        """;

    private static readonly StepAction Run = new StepAction.Run();

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _names = [];

    public void Dispose() => _folder.Dispose();

    [StockTheory]
    [InlineData("0.31.0")]
    [InlineData("0.40.0")]
    public async Task Stock_diffusers_predicts_what_the_network_in_memory_does_or_refuses(string version)
    {
        await ExportUNetsAsync();
        await ExportTransformersAsync();
        await ExportSkipBlocksAsync();
        File.Copy(Repository.Path("tests/Services/SparseExport/stock.py"), _folder.File("stock.py"));

        var output = await StockDiffusers.RunAsync(version, _folder.Path, ["stock.py", .. _names]);

        var results = output.Split('\n').Where(line => line.StartsWith("RESULT ", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line["RESULT ".Length..])).ToArray();
        Assert.Equal(_names, results.Select(result => result.GetProperty("name").GetString()));
        Assert.All(results, result =>
            Assert.True(result.GetProperty("difference").GetDouble() <= Tolerance, result.GetRawText()));
    }

    private async Task ExportUNetsAsync()
    {
        var plain = ModelConfig.Parse(SomeNetwork.UNetConfig);
        var labeled = plain.With("num_class_embeds", 10);
        string[] odd(Denoiser network) =>
            [.. network.Layers.Where(layer => layer.Index % 2 == 1).Select(layer => layer.Name)];
        string[] sayable = [.. Pair(1, 1), "down_blocks.1.attentions.0", "mid_block.attentions.0"];
        await ExportAsync("unet-native", plain, _ => Constant(sayable), ExportFormat.Native);
        await ExportAsync("unet-native-labeled", labeled, _ => Constant(sayable), ExportFormat.Native);
        await ExportAsync("unet-padded", plain, network => Constant(odd(network)), ExportFormat.Padded);
        await ExportAsync("unet-removed", plain, network => Constant(odd(network)), ExportFormat.Pruned);
        await ExportAsync("unet-routed", plain, network => Routed(odd(network)), ExportFormat.Pruned);
        await ExportAsync("unet-routed-labeled", labeled, network => Routed(odd(network)), ExportFormat.Pruned);
        await ExportAsync("unet-flow", plain, network => Routed(odd(network)), ExportFormat.Pruned, FlowScheduler);
        await ExportAsync("unet-sliced", plain, null, ExportFormat.Pruned);
        await ExportAsync("unet-heads", plain.With("attention_head_dim", 4), null, ExportFormat.Pruned);
        foreach (var sampler in (string[])["ddim", "dpm-solver", "euler"])
            await ExportAsync($"unet-table-{sampler}", plain, _ => Constant([]).WithSteps(Table(sampler, 1)),
                ExportFormat.Pruned);
        await ExportAsync("unet-table-two", plain, network => Routed(odd(network)).WithSteps(Table("ddim", 1) with
        {
            Actions = [new StepAction.Run(1), Forecast(ForecastKind.Clean, 0), Run, Forecast(ForecastKind.Noise, 1),
                new StepAction.Run(1), Run, Forecast(ForecastKind.Velocity, 1)],
        }), ExportFormat.Pruned);
        await ExportAsync(
            "unet-layers", plain, network => Constant([]).WithSteps(Layers(LayerPatterns.All(network, 0.8), 1)),
            ExportFormat.Pruned);
        await ExportAsync(
            "unet-inner", labeled, network => Constant([]).WithSteps(Layers(LayerPatterns.Inner(network, 2), 1)),
            ExportFormat.Pruned);
        string[] up = ["up_blocks.0.resnets.1", "up_blocks.1.resnets.1"];
        await ExportAsync("unet-removed-sliced", plain, null, ExportFormat.Pruned, given: Constant(up));
        await ExportAsync("unet-routed-sliced", plain, null, ExportFormat.Pruned, given: Routed(up));
        await ExportAsync("unet-sliced-removed", plain, _ => Constant(up), ExportFormat.Pruned, sliced: true);
        await ExportAsync("unet-routed-table", plain, _ => Constant([]).WithSteps(Table("ddim", 1)),
            ExportFormat.Pruned, given: Routed(up));
        await ExportAsync("unet-packs-table", plain, network => Packed(odd(network)).WithSteps(Table("ddim", 1) with
        {
            Actions = [Run, Forecast(ForecastKind.Clean, 0), new StepAction.Run(1), Forecast(ForecastKind.Noise, 1),
                Run, new StepAction.Run(1), Forecast(ForecastKind.Velocity, 1)],
        }), ExportFormat.Pruned);
        await ExportAsync("unet-table-flow", plain, _ => Constant([]).WithSteps(Table("flow-euler", 1)),
            ExportFormat.Pruned, FlowScheduler);
        foreach (var sampler in (string[])["ddim", "dpm-solver", "euler", "flow-euler"])
            await ExportAsync($"unet-own-{sampler}", plain, _ => Constant([]).WithSteps(Table(sampler, 1) with
            {
                UseClippedModelOutput = true, Timesteps = [19, 17, 12, 11, 8, 4, 1],
            }), ExportFormat.Pruned, sampler == "flow-euler" ? FlowScheduler : SomeNetwork.Scheduler);
    }

    private async Task ExportTransformersAsync()
    {
        var config = ModelConfig.Parse(SomeNetwork.DiTConfig);
        await ExportAsync("dit-native", config, _ => Constant("transformer_blocks.1"), ExportFormat.Native);
        await ExportAsync("dit-padded", config, _ => Constant("transformer_blocks.0"), ExportFormat.Padded);
        await ExportAsync("dit-removed", config, _ => Constant("transformer_blocks.0"), ExportFormat.Pruned);
        await ExportAsync("dit-routed", config, _ => Routed("transformer_blocks.2"), ExportFormat.Pruned);
        await ExportAsync("dit-flow", config, _ => Routed("transformer_blocks.2"), ExportFormat.Pruned, FlowScheduler);
        await ExportAsync("dit-sliced", config, null, ExportFormat.Pruned);
        await ExportAsync("dit-packs", config, _ => Packed("transformer_blocks.2"), ExportFormat.Pruned);
        await ExportAsync("dit-packs-widths", config, _ => Widths(4, packed: true), ExportFormat.Pruned);
        foreach (var (name, clean) in ((string, int)[])[("equal-widths", 1), ("whole", 0)])
            await ExportAsync($"dit-packs-{name}", config, _ => PruningPlan.FromTable("x", [.. Enumerable.Range(0, 20)
                .Select(t => Widths(4).Variants[t < 10 ? clean : 1].On(t < 10 ? "a" : "b"))], 1), ExportFormat.Pruned);
        await ExportAsync("dit-widths", config, _ => Widths(4), ExportFormat.Pruned);
        await ExportAsync(
            "dit-widths-gated", config.With("activation_fn", "geglu"), _ => Widths(4), ExportFormat.Pruned);
        await ExportAsync("dit-table-guided", config,
            _ => Routed("transformer_blocks.2").WithSteps(Table("ddim", 2) with { UseClippedModelOutput = true }),
            ExportFormat.Pruned);
        await ExportAsync(
            "dit-layers-guided", config,
            network => Constant([]).WithSteps(Layers(LayerPatterns.All(network, 0.8), 2)), ExportFormat.Pruned);
    }

    private async Task ExportSkipBlocksAsync()
    {
        var config = SomeModels.SkipUNet;
        string[] odd(Denoiser network) =>
            [.. network.Layers.Where(layer => layer.Index % 2 == 1).Select(layer => layer.Name)];
        string[] layers = [.. Enumerable.Range(0, 3).SelectMany(level =>
            (string[])[$"down_blocks.{level}.resnets.1", $"up_blocks.{level}.resnets.1"])];
        await ExportAsync("skip-native", config, _ => Constant([.. layers, "down_blocks.1.attentions.1"]),
            ExportFormat.Native);
        await ExportAsync("skip-removed", config, network => Constant(odd(network)), ExportFormat.Pruned);
        await ExportAsync("skip-sliced", config, null, ExportFormat.Pruned);
        await ExportAsync("skip-fourier-flow", SomeModels.SkipUNet.With("time_embedding_type", "fourier"),
            network => Routed(odd(network)), ExportFormat.Pruned, FlowScheduler);
    }

    /// <summary>Exports by a plan, or by channel scores where there is none, and writes what the network answers.
    /// </summary>
    private async Task ExportAsync(
        string name, ModelConfig config, Func<Denoiser, PruningPlan>? plan, ExportFormat format,
        string scheduler = SomeNetwork.Scheduler, PruningPlan? given = null, bool sliced = false)
    {
        using var jobs = new PruningJobs();
        using var network = SomeNetwork.Of(config);
        jobs.WithModel(network, scheduler);
        if (given is not null)
            jobs.With("model", await jobs.RunAsync(new SparseExporter(), new { format = "pruned" }, given));
        if (sliced)
        {
            jobs.With("scores", await jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude" }));
            var model = await jobs.RunAsync(new SparseExporter(), new { format = "pruned", macs = 0.8 });
            jobs.With("model", model).Without("scores");
        }

        if (plan is not null)
        {
            var (schedule, made) = (jobs.NewFolder(), plan(network));
            PlanFile.Save(made, schedule);
            if (made.Packs.Count > 0)
                WritePacks(made, network, schedule);
            jobs.With("schedule", schedule);
        }
        else
        {
            jobs.With("scores", await jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude" }));
        }

        var written = await jobs.RunAsync(
            new SparseExporter(), new { format = format.ToString().ToLowerInvariant(), macs = 0.7 });
        using var expected = PrunedModel.Load(written);
        Probe(expected, written);
        var target = Directory.CreateDirectory(_folder.File(name)).FullName;
        foreach (var file in Directory.EnumerateFiles(written, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(written, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        _names.Add(name);
    }

    private static void Probe(PrunedModel model, string folder, string file = "probe.safetensors")
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var network = model.Model;
        var (channels, height, width) = network.SampleShape;
        var sample = EqualNoise.Start(5, 0, 2, channels, height, width);
        var labels = network.LabelsInTurn(first: 3, count: 2);
        long[] times = [1, 8, 15];
        var outputs = model.Steps is { } table
            ? model.Sampler(SamplerNames.Load(folder, table.Sampler), OptionsOf(table), table.Guidance)
                .Sample(Guidance.Of(network, table.Guidance), sample, labels)
            : stack(times.Select(time => network.Predict(sample, tensor([time]), labels)), 0);
        var tensors = new Dictionary<string, Tensor>
        {
            ["sample"] = sample, ["timesteps"] = tensor(times), ["outputs"] = outputs.contiguous(),
        };
        if (labels is not null)
            tensors["labels"] = labels;
        SafetensorsWriter.Write(Path.Combine(folder, file), tensors);
    }

    private static SamplerOptions OptionsOf(StepTable table) =>
        new(table.Steps, Step: new StepOptions(UseClippedModelOutput: table.UseClippedModelOutput));

    private static IEnumerable<string> Pair(int down, int up)
    {
        for (var level = 0; level < 2; level++)
        {
            yield return $"down_blocks.{level}.resnets.{down}";
            yield return $"up_blocks.{level}.resnets.{up}";
        }

        yield return $"down_blocks.1.attentions.{down}";
        yield return $"up_blocks.0.attentions.{up}";
    }

    private static PruningPlan Constant(params string[] skip) =>
        PruningPlan.Constant("laptop", 20, new PlanVariant(skip), 1);

    private static PruningPlan Routed(params string[] skip) => PruningPlan.FromTable(
        "alter", [.. Enumerable.Range(0, 20).Select(t => t < 10 ? PlanVariant.Dense : new PlanVariant(skip))], 1);

    /// <summary>The dense network on its own weights, and fewer layers on others.</summary>
    private static PruningPlan Packed(params string[] skip) => PruningPlan.FromTable(
        "alter", [.. Enumerable.Range(0, 20).Select(
            t => t < 10 ? PlanVariant.Dense : new PlanVariant(skip, null, WeightPacks.Tuned))], 1);

    /// <summary>Weights for the packs of a plan: of all layers, or of those that consume the kept channels, cut to
    /// them.</summary>
    private static void WritePacks(PruningPlan plan, Denoiser network, string folder)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var other = SomeNetwork.Of(network.Config, seed: 2);
        var tensors = other.Present().ToDictionary(weight => weight.Name, weight => (Tensor)weight.Value);
        var packs = plan.Variants.Where(variant => variant.Pack is not null).ToDictionary(
            variant => variant.Pack!, variant => variant.Keep.Count == 0 ? tensors : Consumers(variant.Keep));
        using var written = new WeightPacks(
            packs.ToDictionary(pack => pack.Key, pack => (IReadOnlyList<string>)[.. pack.Value.Keys]),
            pack => packs[pack]);
        written.Save(folder, plan.Packs);

        Dictionary<string, Tensor> Consumers(IReadOnlyDictionary<string, IReadOnlyList<long>> keep)
        {
            var cut = new Dictionary<string, Tensor>();
            foreach (var group in ChannelGroups.Of(network).Where(group => keep.ContainsKey(group.Root)))
            {
                var consumer = InputMoments.Consumer(group);
                cut[$"{consumer}.bias"] = tensors[$"{consumer}.bias"];
                cut[$"{consumer}.weight"] = tensors[$"{consumer}.weight"].index_select(
                    1, tensor(keep[group.Root].ToArray()));
            }

            return cut;
        }
    }

    /// <summary>All heads and neurons, fewer of a block, and no such block.</summary>
    private static PruningPlan Widths(int stages, bool packed = false) => PruningPlan.FromTable(
        "diff-es", [.. Enumerable.Range(0, 20).Select(t => (t * stages / 20) switch
        {
            0 => PlanVariant.Dense,
            3 => new PlanVariant(["transformer_blocks.1"]),
            var stage => new PlanVariant([], new Dictionary<string, IReadOnlyList<long>>
            {
                ["transformer_blocks.1.attn1.to_v"] = [.. Enumerable.Range(6 * stage, 12).Select(c => (long)c)],
                ["transformer_blocks.2.ff.net.0.proj"] = [1, 2, 40 + stage],
            }, packed ? $"stage{stage}" : null),
        })], 1);

    private static StepTable Table(string sampler, double guidance) => new(
        sampler, 7, guidance, UseClippedModelOutput: false, StepAim.Sampler,
        [
            Run, Forecast(ForecastKind.Noise, 1), Run, Forecast(ForecastKind.Velocity, 0.8),
            Forecast(ForecastKind.Clean, 0), Run, new StepAction.Forecast(ForecastKind.Clean, 0.5, Gamma: -0.7),
        ]);

    // All in one step, some in the next, and a forecast of the output.
    private static StepTable Layers(StepAction.Partial all, double guidance) => Table("ddim", guidance) with
    {
        Actions =
        [
            Run, all, all with { Beta = 0, Layers = [.. all.Layers.Skip(1)] }, Run, all,
            Forecast(ForecastKind.Noise, 1), all with { Beta = -0.5 },
        ],
    };

    private static StepAction Forecast(ForecastKind kind, double beta) => new StepAction.Forecast(kind, beta);
}
