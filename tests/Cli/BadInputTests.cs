using Mlops.Cli.Commands;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Pruning;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Cli;

/// <summary>Wrong input ends with exit code 2 and one sentence that names what, where and how to fix it.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string[], string> WrongWords => new()
    {
        { ["run", "no-such-method"], "unknown recipe 'no-such-method'; known recipes: alter" },
        { ["run", "alter", "--method", "laptop"], "'alter' and --method 'laptop' both name a recipe" },
        { ["run", "missing.yaml"], "the recipe file 'missing.yaml' does not exist" },
        { ["run", "alter", "--set", "evaluation.sampler=magic"], "magic" },
        { ["run", "alter", "--set", "tuned.stepz=3"], "stepz" },
        { ["run", "alter", "--set", "tuned"], "--set tuned" },
        { ["run", "alter", "--macs", "1.5"], "1.5" },
        { ["run", "alter", "--data", "nowhere"], "nowhere" },
        { ["run", "alter", "--model", "nowhere"], "nowhere" },
        { ["run", "alter", "--features", "nowhere.safetensors"], "nowhere.safetensors does not exist" },
        { ["resume", "abc"], "no run begins with 'abc'" },
        { ["status", "zzz"], "zzz" },
        { ["why", "abc", "tuned"], "no run begins with 'abc'" },
        { ["lineage", "zzz"], "zzz" },
        { ["lineage", "abc"], "neither a run with a result nor an artifact" },
        { ["schedule", "add", "a", "--cron", "x", "--recipe", "alter"], "'x' has neither five fields" },
        { ["schedule", "add", "a", "--cron", "1 2 * * *", "--recipe", "none"], "unknown recipe 'none'" },
        { ["schedule", "add", "a", "--cron", "1 2 * * *", "--recipe", "alter", "--set", "tuned.stepz=3"], "stepz" },
        { ["schedule", "add", "a", "--cron", "1 2 * * *", "--recipe", "alter", "--zone", "Mars"], "zone 'Mars'" },
        { ["schedule", "add", "a", "--cron", "1 2 * * *", "--recipe", "alter", "--overlap", "often"], "often" },
        { ["schedule", "pause", "gone"], "no schedule 'gone'" },
        { ["schedule", "list", "--server", "nowhere"], "--server 'nowhere' is not an address" },
        { ["frobnicate"], "mlops --help" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(WrongWords))]
    public async Task Wrong_words_are_refused(string[] arguments, string named) => await Refused(named, arguments);

    [Fact]
    public async Task A_folder_without_images_is_refused()
    {
        Directory.CreateDirectory(_folder.File("pictures"));

        await Refused("pictures", "run", "alter", "--data", _folder.File("pictures"));
    }

    [Fact]
    public async Task A_cifar_file_of_the_wrong_size_is_refused()
    {
        Directory.CreateDirectory(_folder.File("cifar"));
        File.WriteAllBytes(_folder.File("cifar/data_batch_1.bin"), new byte[3000]);

        await Refused("data_batch_1.bin", "run", "alter", "--data", _folder.File("cifar"));
    }

    [Fact]
    public async Task A_model_with_missing_weights_is_refused()
    {
        SaveModel();
        File.Delete(Weights);

        await Refused("diffusion_pytorch_model", "run", "alter", "--model", _folder.File("model"));
    }

    [Fact]
    public async Task A_model_with_cut_off_weights_is_refused()
    {
        SaveModel();
        using (var file = File.OpenWrite(Weights))
            file.SetLength(file.Length / 2);

        await Refused("diffusion_pytorch_model.safetensors", "run", "alter", "--model", _folder.File("model"));
    }

    [Fact]
    public async Task A_model_whose_header_claims_more_than_there_is_is_refused()
    {
        SaveModel();
        using (var file = File.OpenWrite(Weights))
            file.Write([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);

        await Refused("diffusion_pytorch_model.safetensors", "run", "alter", "--model", _folder.File("model"));
    }

    [Fact]
    public async Task A_pickled_model_is_refused()
    {
        SaveModel();
        File.Delete(Weights);
        File.WriteAllBytes(Path.ChangeExtension(Weights, ".bin"), [0x80, 0x02, (byte)'}', (byte)'.']);

        await Refused("safetensors", "run", "alter", "--model", _folder.File("model"));
    }

    [Fact]
    public async Task A_model_with_weights_that_are_no_numbers_is_refused()
    {
        SaveModel(spoil: true);

        await Refused("conv_in.bias", "run", "alter", "--model", _folder.File("model"));
    }

    [Fact]
    public async Task A_model_with_weights_of_the_wrong_shape_is_refused()
    {
        SaveModel();
        var config = _folder.File("model/config.json");
        File.WriteAllText(config, ModelConfig.Read(config).With("out_channels", 5).ToJson());

        await Refused("conv_out", "run", "alter", "--model", _folder.File("model"));
    }

    [Theory]
    [InlineData("_class_name", "ScoreSdeVeScheduler", "\"ScoreSdeVeScheduler\", but known are DDIMScheduler")]
    [InlineData("time_embedding_type", "fourier", "only flow matching fits fourier")]
    [InlineData("class_embed_type", "identity", "null, because no data here has labels of other types")]
    public async Task A_model_that_no_run_could_feed_is_refused(string key, string value, string named)
    {
        var config = ModelConfig.Parse(SomeNetwork.UNetConfig).With("sample_size", 32);
        using var model = SomeNetwork.Of(key == "_class_name" ? config : config.With(key, value));
        ModelFolder.Save(_folder.File("model"), model, key == "_class_name"
            ? SomeNetwork.Scheduler.Replace("DDPMScheduler", value, StringComparison.Ordinal) : SomeNetwork.Scheduler);

        await Refused(named, "run", "alter", "--model", _folder.File("model"), "--data", "procedural");
        await Refused(named, "sample", _folder.File("model"));
    }

    [Fact]
    public async Task A_model_that_is_a_file_is_refused()
    {
        SaveModel();

        await Refused("is a file; give a diffusers model folder", "run", "alter", "--model", Weights);
    }

    [Fact]
    public async Task A_budget_that_no_mask_reaches_is_refused()
    {
        SaveModel();

        await Refused(
            "0.02", "run", "alter", "--model", _folder.File("model"), "--data", "procedural", "--macs", "0.02");
    }

    [Fact]
    public async Task A_folder_with_other_files_is_no_place_for_results()
    {
        Directory.CreateDirectory(_folder.File("mine"));
        File.WriteAllText(_folder.File("mine/thesis.txt"), "years of work");

        var refused = await CommandLine.RunAsync(
            "run", "forecast", "--home", _folder.File("home"), "--out", _folder.File("mine"));

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("has files that no run left there", refused.Errors, StringComparison.Ordinal);
    }

    private string Weights => _folder.File("model/diffusion_pytorch_model.safetensors");

    private void SaveModel(bool spoil = false)
    {
        using var model = SomeNetwork.UNet32();
        ModelFolder.Save(_folder.File("model"), model, SomeNetwork.Scheduler);
        if (!spoil)
            return;
        using var noGrad = no_grad();
        SafetensorsWriter.Write(Weights, model.named_parameters().Select(pair => KeyValuePair.Create(
            pair.name, pair.name == "conv_in.bias" ? full_like(pair.parameter, double.NaN) : pair.parameter)));
    }

    private async Task Refused(string named, params string[] arguments)
    {
        var options = RootCommands.Create().Parse(arguments).CommandResult.Command.Options
            .Select(option => option.Name).ToHashSet();
        string[] places =
        [
            .. options.Contains("--home") ? (string[])["--home", _folder.File("home")] : [],
            .. options.Contains("--out") ? (string[])["--out", _folder.File("results")] : [],
        ];

        var refused = await CommandLine.RunAsync([.. arguments, .. places]);

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(named, refused.Errors, StringComparison.Ordinal);
        Assert.Single(refused.Errors.Split('\n'));
        Assert.DoesNotContain("   at ", refused.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("results")), "a refused run leaves no results");
    }
}
