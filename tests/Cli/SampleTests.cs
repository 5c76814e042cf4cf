using Mlops.Diffusion.Images;
using Mlops.Diffusion.Models;
using Mlops.Contracts.Evaluations;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.SparseExport.Onnx;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary><c>mlops sample</c> and <c>mlops export</c> as people use them.</summary>
public sealed class SampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Equal_seeds_draw_equal_pictures()
    {
        Dense("dense");

        var first = await SampleAsync("dense", "a.png", "--count", "3", "--steps", "2", "--seed", "4");
        await SampleAsync("dense", "b.png", "--count", "3", "--steps", "2", "--seed", "4");
        await SampleAsync("dense", "c.png", "--count", "3", "--steps", "2", "--seed", "5");

        Assert.Equal(("", 0), (first.Errors, first.ExitCode));
        Assert.Contains("3 pictures by ddim, 2 steps, guidance 1, seed 4", first.Output, StringComparison.Ordinal);
        Assert.Equal(Bytes("a.png"), Bytes("b.png"));
        Assert.NotEqual(Bytes("a.png"), Bytes("c.png"));
    }

    [Fact]
    public async Task A_model_with_a_step_table_draws_as_the_table_says_beside_the_dense_one()
    {
        Dense("dense");
        Tabled("tabled");

        var drawn = await SampleAsync("tabled", "pair.png", "--count", "2", "--against", _folder.File("dense"));
        var refused = await SampleAsync("tabled", "other.png", "--steps", "7");

        Assert.Equal(("", 0), (drawn.Errors, drawn.ExitCode));
        Assert.Contains("2 pictures by ddim, 3 steps", drawn.Output, StringComparison.Ordinal);
        // Dense above, pruned below, then their difference.
        var picture = ImageFile.Read(_folder.File("pair.png"));
        Assert.True(picture.Height > picture.Width);
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith("mlops: the step table is for ddim with 3 steps", refused.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("other.png")));
    }

    [Theory]
    [InlineData("--count 0", "--count is 0, but must be 1 to 1024")]
    [InlineData("--steps 0", "--steps is 0, but must be 1 to 1000")]
    [InlineData("--sampler magic", "--sampler 'magic' is unknown; known are auto, ddim")]
    [InlineData("--sampler flow-euler", "does not fit a model trained for DDPMScheduler")]
    [InlineData("--classes 3", "knows no classes; leave --classes out")]
    [InlineData("--classes x", "--classes 'x' is no list of class numbers; write 0,3,7")]
    [InlineData("--guidance 3", "guidance 3 needs a model with a label for 'no class'")]
    [InlineData("--against nowhere", "nowhere does not exist")]
    public async Task What_cannot_be_drawn_is_refused_in_a_sentence(string options, string sentence)
    {
        Dense("dense");

        var refused = await SampleAsync("dense", "grid.png", options.Split(' '));

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(sentence, Assert.Single(refused.Errors.Split('\n')), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("grid.png")));
    }

    [Fact]
    public async Task A_finished_run_is_exported_in_other_formats_drawn_and_never_pruned_as_if_it_were_dense()
    {
        Dense("dense");
        string[] home = ["--home", _folder.File("home")];
        var run = await CommandLine.RunAsync(
        [
            "run", "diff-es", "--model", _folder.File("dense"), "--data", "procedural", .. home,
            "--out", _folder.File("results"), .. ShortRuns.For("diff-es"),
        ]);
        var id = run.Output.Split("run ")[1][..8];

        var again = await CommandLine.RunAsync(
            ["export", id, "--format", "pruned", "--out", _folder.File("again"), .. home]);
        var padded = await CommandLine.RunAsync(
            ["export", id, "--format", "padded", "--out", _folder.File("padded"), .. home]);
        var converted = await CommandLine.RunAsync(
            ["export", _folder.File("again"), "--format", "pruned", "--out", _folder.File("converted"), .. home]);
        var onnx = await CommandLine.RunAsync(
            ["export", id, "--format", "onnx", "--out", _folder.File("onnx"), .. home]);
        var measured = await CommandLine.RunAsync(
        [
            "evaluate", _folder.File("again"), "--against", _folder.File("dense"), "--out", _folder.File("measured"),
            .. home, .. ShortRuns.For("diff-es").Where(word => word.StartsWith("evaluation.", StringComparison.Ordinal))
                .SelectMany(word => (string[])["--set", word["evaluation.".Length..]]),
        ]);
        var drawn = await SampleAsync("again", "grid.png", "--count", "2", "--steps", "2");
        var refused = await CommandLine.RunAsync(
            ["run", "diff-es", "--model", _folder.File("again"), "--data", "procedural", .. home]);

        Assert.Equal(("", 0), (run.Errors, run.Ended));
        var line = File.ReadAllLines(_folder.File("results/result.txt"))[2];
        Assert.StartsWith("pipe = DiffusionPipeline.from_pretrained(", line, StringComparison.Ordinal);
        Assert.Contains(line, run.Output, StringComparison.Ordinal);
        var card = await File.ReadAllTextAsync(_folder.File("results/model/README.md"));
        Assert.Contains("| macs (MAC) |", card, StringComparison.Ordinal);
        Assert.Equal(("", 0), (again.Errors, again.ExitCode));
        foreach (var file in (string[])["unet/model.safetensors", "unet/config.json", "README.md"])
            Assert.Equal(Bytes($"results/model/{file}"), Bytes($"again/{file}"));
        Assert.Equal(("", 0), (converted.Errors, converted.ExitCode));
        Assert.Equal(Bytes("again/unet/config.json"), Bytes("converted/unet/config.json"));
        Assert.Equal(Bytes("again/unet/model.safetensors"), Bytes("converted/unet/model.safetensors"));
        Assert.Equal(("", 0), (onnx.Errors, onnx.ExitCode));
        Assert.Contains($"onnxruntime {OnnxNetwork.Runtime} computes what the network does", onnx.Output);
        Assert.Equal(PrunedModel.PlanIn(_folder.File("again"))!.Variants.Count,
            Directory.GetFiles(_folder.File("onnx/unet"), "model_*.onnx").Length);
        Assert.Contains("\n## ONNX\n", await File.ReadAllTextAsync(_folder.File("onnx/README.md")));
        Assert.Equal(("", 0), (measured.Errors, measured.Ended));
        Assert.Equal(Macs("results"), Macs("measured"));
        Assert.Equal(("", 0), (drawn.Errors, drawn.ExitCode));
        Assert.Equal(2, padded.ExitCode);
        Assert.Contains("format 'padded' cannot hold this plan", padded.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("padded")));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("routes by timestep already, between", refused.Errors, StringComparison.Ordinal);
    }

    private Task<CommandLine> SampleAsync(string model, string picture, params string[] options) =>
        CommandLine.RunAsync(["sample", _folder.File(model), "--out", _folder.File(picture), .. options]);

    private Measurement Macs(string results) => EvaluationReport.Load(_folder.File(results))["macs"];

    private byte[] Bytes(string file) => File.ReadAllBytes(_folder.File(file));

    private void Dense(string name)
    {
        using var model = SomeNetwork.UNet32();
        ModelFolder.Save(_folder.File(name), model, SomeNetwork.Scheduler);
    }

    private void Tabled(string name)
    {
        using var model = SomeNetwork.UNet32();
        var table = new StepTable("ddim", 3, 1, false, StepAim.Sampler,
            [new StepAction.Run(), new StepAction.Forecast(ForecastKind.Noise, 1), new StepAction.Run()]);
        var plan = PruningPlan.Constant("solver", 20, PlanVariant.Dense, 1).WithSteps(table);
        var scheduler = SomeNetwork.Scheduler.Replace("DDPM", "DDIM", StringComparison.Ordinal);
        PrunedFolder.Save(_folder.File($"{name}/unet"), model, plan, scheduler);
        Directory.CreateDirectory(_folder.File($"{name}/scheduler"));
        File.WriteAllText(_folder.File($"{name}/scheduler/scheduler_config.json"), scheduler);
    }
}
