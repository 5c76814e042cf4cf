using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.SparseExport;
using Mlops.Tests.Pruning;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.SparseExport;

/// <summary>What a folder of the format pruned says, and that nothing takes it for a dense model.</summary>
public sealed class PrunedFolderTests : IDisposable
{
    private static readonly string[] Everywhere =
    [
        "down_blocks.0.resnets.1", "down_blocks.1.resnets.1", "down_blocks.1.attentions.1",
        "up_blocks.0.resnets.1", "up_blocks.0.attentions.1", "up_blocks.1.resnets.1",
    ];

    private readonly PruningJobs _jobs = new();

    public void Dispose() => _jobs.Dispose();

    public static TheoryData<string[]> Sayable =>
    [
        ["mid_block.attentions.0"],
        ["down_blocks.1.attentions.0", "down_blocks.1.attentions.1"],
        ["up_blocks.0.attentions.0", "up_blocks.0.attentions.1", "up_blocks.0.attentions.2"],
        Everywhere,
        [.. Everywhere, "mid_block.attentions.0", "down_blocks.1.attentions.0"],
    ];

    public static TheoryData<string[]> Unsayable =>
    [
        ["mid_block.resnets.0"],
        ["down_blocks.1.attentions.0"],
        ["down_blocks.1.resnets.1"],
        [.. Everywhere[..4], "up_blocks.0.resnets.2", "up_blocks.1.resnets.1"],
    ];

    [Theory]
    [MemberData(nameof(Sayable))]
    public async Task A_plain_config_says_left_out_attention_and_equally_many_layers_everywhere(string[] skip)
    {
        using var network = SomeNetwork.UNet();

        var folder = await ExportAsync(network, Constant(skip));

        Assert.Null(PrunedModel.PlanIn(folder));
        using var plain = ModelFolder.Load(folder);
        Assert.InRange(Distance(network, skip, plain), 0, 1e-5);
        Assert.Equal(network.Layers.Count - skip.Length, plain.Layers.Count);
    }

    [Theory]
    [MemberData(nameof(Unsayable))]
    public async Task What_no_config_says_is_pruned_and_refused_as_native(string[] skip)
    {
        using var network = SomeNetwork.UNet();

        var folder = await ExportAsync(network, Constant(skip));
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => ExportAsync(network, Constant(skip), ExportFormat.Native));

        using var pruned = PrunedModel.Load(folder);
        Assert.Equal(skip.Order(StringComparer.Ordinal), pruned.Plan!.Variants[0].Skip);
        Assert.InRange(Distance(network, skip, pruned.Model), 0, 1e-5);
        Assert.Contains("a UNet2DModel's config cannot say it: '", refusal.Message);
    }

    [Fact]
    public async Task Neither_the_folder_nor_its_renamed_weights_pass_for_a_dense_model()
    {
        using var network = SomeNetwork.UNet();
        var folder = await ExportAsync(network, Routed(network));

        var refused = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder));
        network.Config.Write(Path.Combine(folder, "unet/config.json"));
        File.Move(
            Path.Combine(folder, "unet/model.safetensors"),
            Path.Combine(folder, "unet/diffusion_pytorch_model.safetensors"));
        var renamed = Assert.Throws<InvalidDataException>(() => ModelFolder.Load(folder));

        Assert.Contains("is of a model that is pruned already, whose plan would be lost", refused.Message);
        Assert.Contains("\"conv_in.bias\" with shape [1, 8] instead of [8]", renamed.Message);
    }

    [Theory]
    [InlineData("format", "\"mlops.pruned/2\"", "has format 'mlops.pruned/2'; this program reads 'mlops.pruned/1'")]
    [InlineData("reuse", "true", "cannot be read")]
    [InlineData("shapes", """{"conv_out.bias": [2]}""", "\"conv_out.bias\" with shape [3], but config.json says [2]")]
    [InlineData("heads", """{"conv_in": 2}""", "names 'conv_in', which is not an attention layer")]
    [InlineData("absent", """["conv_in"]""", null)]
    public async Task An_entry_that_does_not_fit_is_refused_by_name(string entry, string value, string? sentence)
    {
        using var network = SomeNetwork.UNet();
        var folder = await ExportAsync(network, Routed(network));
        var file = Path.Combine(folder, "unet/config.json");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
        config["pruned"]![entry] = JsonNode.Parse(value);
        await File.WriteAllTextAsync(file, config.ToJsonString());

        // Modules that may be absent need not be.
        if (sentence is null)
            PrunedModel.Load(folder).Dispose();
        else
            Assert.Contains(sentence, Assert.Throws<InvalidDataException>(() => PrunedModel.Load(folder)).Message);
    }

    [Theory]
    [InlineData("unet/config.json", "\"timesteps\":[", "\"timesteps\":[19,", "is not that of the scheduler and the")]
    [InlineData("unet/config.json", "\"alphas\":[0", "\"alphas\":[1", "is not that of the scheduler and the step ta")]
    [InlineData("unet/config.json", "\"sampler\":\"ddim\"", "\"sampler\":\"euler\"", "is for euler, but the sched")]
    [InlineData("scheduler/scheduler_config.json", "0.2", "0.3", "is not that of the scheduler and the step table")]
    public async Task A_grid_that_is_not_that_of_its_sampler_is_refused(
        string name, string text, string edited, string sentence)
    {
        using var network = SomeNetwork.UNet();
        var file = Path.Combine(await ExportAsync(network, Constant([]).WithSteps(Table("ddim"))), name);
        var (config, folder) = (await File.ReadAllTextAsync(file), Path.GetDirectoryName(Path.GetDirectoryName(file))!);
        PrunedModel.Load(folder).Dispose();
        config = name[0] == 'u' ? JsonNode.Parse(config)!.ToJsonString() : config;
        Assert.Contains(text, config);
        await File.WriteAllTextAsync(file, config.Replace(text, edited, StringComparison.Ordinal));

        var refusal = Assert.Throws<InvalidDataException>(() => PrunedModel.Load(folder));

        Assert.Contains(sentence, refusal.Message);
    }

    [Fact]
    public async Task A_sampler_that_revisits_timesteps_is_not_exported()
    {
        using var network = SomeNetwork.UNet();
        _jobs.WithModel(network, """
            {"_class_name": "DPMSolverMultistepScheduler", "num_train_timesteps": 20,
             "beta_schedule": "squaredcos_cap_v2", "use_karras_sigmas": true}
            """).With("schedule", Folder(Constant([]).WithSteps(Table("dpm-solver"))));

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => _jobs.RunAsync(new SparseExporter(), new { }));

        Assert.StartsWith("dpm-solver with 8 steps visits timestep 18 after 18, but a step", refusal.Message);
    }

    [Fact]
    public async Task A_thousand_edited_plans_are_refused_in_a_sentence_or_read()
    {
        using var network = SomeNetwork.UNet();
        var folder = await ExportAsync(network, Constant([Everywhere[0]]));
        var (config, refused) = (Path.Combine(folder, "unet", "config.json"), 0);
        foreach (var text in EditedPlans.Of(File.ReadAllText(config), 1000, 3))
        {
            File.WriteAllText(config, text);
            try
            {
                PrunedModel.Load(folder).Dispose();
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 500, 999);
    }

    [Fact]
    public async Task The_card_names_the_base_model_and_its_license()
    {
        using var network = SomeNetwork.Of(
            ModelConfig.Parse(SomeNetwork.UNetConfig).With("_name_or_path", "google/ddpm-cifar10-32"));
        var model = _jobs.NewFolder();
        ModelFolder.Save(model, network, SomeNetwork.Scheduler);
        await File.WriteAllTextAsync(Path.Combine(model, "README.md"), "---\nlicense: apache-2.0\n---\n# a model\n");
        _jobs.With("model", model).With("schedule", Folder(Routed(network)));

        var folder = await _jobs.RunAsync(new SparseExporter(), new { });

        var card = await File.ReadAllTextAsync(Path.Combine(folder, "README.md"));
        Assert.StartsWith("---\nlibrary_name: diffusers\n", card);
        Assert.Contains("\nlicense: apache-2.0\nbase_model: google/ddpm-cifar10-32\n", card);
        Assert.Contains("pipe = DiffusionPipeline.from_pretrained(\"PATH\", trust_remote_code=True)", card);
        var license = await File.ReadAllTextAsync(Path.Combine(folder, "LICENSE"));
        Assert.Contains("whose license, apache-2.0, holds", license);
    }

    private Task<string> ExportAsync(
        Denoiser network, PruningPlan plan, ExportFormat format = ExportFormat.Auto) => _jobs
        .WithModel(network, SomeNetwork.Scheduler).With("schedule", Folder(plan))
        .RunAsync(new SparseExporter(), new { format = format.ToString().ToLowerInvariant() });

    private string Folder(PruningPlan plan)
    {
        var folder = _jobs.NewFolder();
        PlanFile.Save(plan, folder);
        return folder;
    }

    private static PruningPlan Constant(string[] skip) =>
        PruningPlan.Constant("laptop", 20, new PlanVariant(skip), 1);

    private static StepTable Table(string sampler) => new(
        sampler, 8, 1, UseClippedModelOutput: false, StepAim.Sampler, [.. Enumerable.Repeat(new StepAction.Run(), 8)]);

    private static PruningPlan Routed(Denoiser network) => PruningPlan.FromTable("alter",
        [.. Enumerable.Range(0, 20).Select(t => t < 10 ? PlanVariant.Dense : new([network.Layers[1].Name]))], 1);

    private static double Distance(Denoiser network, string[] skip, Denoiser exported)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (sample, timestep, labels) = SomeNetwork.Question(network);
        var control = new LayerControl { Run = new PlanVariant(skip).RunMask(network.Layers) };
        return SomeNetwork.Distance(
            network.Predict(sample, timestep, labels, control), exported.Predict(sample, timestep, labels));
    }
}
