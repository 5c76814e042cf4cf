using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.SparseExport;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;

namespace Mlops.Tests.Services.SparseExport;

/// <summary>Plans edited by hand, read here and by the real library.</summary>
public sealed partial class StockDiffusersTests
{
    // Of each of five folders.
    private const int Edits = 200;

    [StockTheory]
    [InlineData("0.31.0")]
    [InlineData("0.40.0")]
    public async Task A_thousand_edited_plans_are_refused_or_mean_the_same_in_both_languages(string version)
    {
        string[] skip = ["down_blocks.0.resnets.1", "up_blocks.0.attentions.0"];
        await ExportAsync("routed", ModelConfig.Parse(SomeNetwork.UNetConfig), _ => Routed(skip), ExportFormat.Pruned);
        await ExportAsync(
            "widths", ModelConfig.Parse(SomeNetwork.DiTConfig), _ => Widths(4), ExportFormat.Pruned);
        await ExportAsync("sliced", ModelConfig.Parse(SomeNetwork.DiTConfig), null, ExportFormat.Pruned);
        await ExportAsync("table", ModelConfig.Parse(SomeNetwork.UNetConfig), _ => Routed(skip).WithSteps(
            Table("ddim", 1) with
            {
                Actions =
                [
                    new StepAction.Run(1), Forecast(ForecastKind.Noise, 1), Run, new StepAction.Run(1),
                    Forecast(ForecastKind.Velocity, 0.5), Run, new StepAction.Forecast(ForecastKind.Clean, 0.5, 0.25),
                ],
            }), ExportFormat.Pruned);
        await ExportAsync(
            "layers", ModelConfig.Parse(SomeNetwork.UNetConfig),
            network => Constant([]).WithSteps(Layers(LayerPatterns.Inner(network, 1), 1) with
            {
                UseClippedModelOutput = true, Timesteps = [19, 17, 12, 11, 8, 4, 1],
            }), ExportFormat.Pruned);
        File.Copy(Repository.Path("tests/Services/SparseExport/edited.py"), _folder.File("edited.py"));
        var refused = _names.Sum(Answer);

        var output = await StockDiffusers.RunAsync(version, _folder.Path, ["edited.py", .. _names]);

        Assert.Contains($"{_names.Count * Edits} edited plans", output, StringComparison.Ordinal);
        Assert.InRange(refused, _names.Count * Edits / 2, (_names.Count * Edits) - 1);
    }

    /// <summary>What C# makes of every edited plan of a folder, beside it: its answer, or nothing where it refuses.
    /// </summary>
    /// <returns>How many it refused.</returns>
    private int Answer(string name)
    {
        var component = Directory.Exists(_folder.File($"{name}/unet")) ? "unet" : "transformer";
        var config = _folder.File($"{name}/{component}/config.json");
        var original = File.ReadAllText(config);
        var (texts, refused) = (EditedPlans.Of(original, Edits, 5).ToArray(), 0);
        File.WriteAllLines(_folder.File($"{name}/edited.txt"), texts);
        for (var edit = 0; edit < texts.Length; edit++)
        {
            File.WriteAllText(config, texts[edit]);
            try
            {
                using var model = PrunedModel.Load(_folder.File(name));
                Probe(model, _folder.File(name), $"edited-{edit}.safetensors");
            }
            catch (Exception exception) when (exception is InvalidDataException or ArgumentException)
            {
                refused++;
            }
        }

        File.WriteAllText(config, original);
        return refused;
    }
}
