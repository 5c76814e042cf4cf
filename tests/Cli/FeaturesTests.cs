using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Models;
using Mlops.Tests.Diffusion.Metrics;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

/// <summary>Distributions in the features of a network that the user brings.</summary>
public sealed class FeaturesTests : IDisposable
{
    private static readonly string[] Images = ["images=6", "real-images=6", "distribution-images=6"];

    private readonly TemporaryFolder _folder = new();

    public FeaturesTests()
    {
        SomeFeatures.Clip(_folder.File("clip"));
        using (var model = SomeNetwork.UNet32())
            ModelFolder.Save(_folder.File("pixels"), model, SomeNetwork.Scheduler);
        using (var model = SomeNetwork.DiT())
            ModelFolder.Save(_folder.File("latents"), model, SomeNetwork.Scheduler);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_and_an_evaluation_of_its_model_compare_distributions_in_them()
    {
        string[] inputs = ["--data", "procedural", "--features", _folder.File("clip"), "--home", _folder.File("home")];

        var run = await CommandLine.RunAsync(
            ["run", "fewer-steps", "--model", _folder.File("pixels"), "--out", _folder.File("run"), .. inputs,
                .. ShortRuns.For("fewer-steps"),
                .. Images.SelectMany(word => (string[])["--set", "evaluation." + word])]);
        var alone = await CommandLine.RunAsync(
            ["evaluate", _folder.File("run/model"), "--against", _folder.File("pixels"), "--out", _folder.File("alone"),
                .. inputs, "--set", "timing-rounds=0", "--set", "steps=6",
                .. Images.SelectMany(word => (string[])["--set", word])]);

        Assert.True(run.Ended == 0 && alone.Ended == 0, run.Errors + alone.Errors);
        Assert.Contains("features: clip-vision/1 embeds bicubic20 weights=", run.Output, StringComparison.Ordinal);
        foreach (var folder in (string[])["run", "alone"])
        {
            var number = EvaluationReport.Load(_folder.File(folder))["precision"];
            Assert.Contains("clip-vision/1", number.Protocol, StringComparison.Ordinal);
            Assert.InRange(number.Pruned, number.Low!.Value, number.High!.Value);
        }
    }

    [Theory]
    [InlineData("clip", "latents", "run", "fewer-steps", "samples of 4 channels, which clip-vision")]
    [InlineData("clip", "pixels", "run", "train", "uses no input 'features'; leave it out")]
    [InlineData("pixels", "pixels", "run", "fewer-steps", "holds no model.safetensors")]
    public async Task What_cannot_be_seen_or_is_not_looked_at_is_refused_before_the_run(
        string features, string model, string command, string recipe, string sentence)
    {
        var refused = await CommandLine.RunAsync(
            command, recipe, "--model", _folder.File(model), "--data", "procedural",
            "--features", _folder.File(features), "--home", _folder.File("home"));

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(sentence, refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_are_pushed_under_a_name_for_requests()
    {
        var pushed = await CommandLine.RunAsync(
            "push", "features", _folder.File("clip"), "--home", _folder.File("home"));

        Assert.Equal(0, pushed.ExitCode);
        Assert.StartsWith("features/clip  sha256:", pushed.Output, StringComparison.Ordinal);
    }
}
