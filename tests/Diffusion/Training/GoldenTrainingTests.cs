using System.Text.Json.Nodes;
using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Training;

public sealed class GoldenTrainingTests
{
    public static readonly TheoryData<string> Cases = ["unet2d-cifar", "unet2d-classes", "dit-xl-like", "sit-like"];

    [ReferenceTheory]
    [MemberData(nameof(Cases))]
    public void Five_steps_of_AdamW_and_the_average_follow_the_reference(string name)
    {
        var folder = Reference.Path($"goldens/training/{name}");
        var run = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "case.json")))!["adamw_run"]!;
        var losses = run["losses_before_each_step"]!.AsArray().Select(node => node!.GetValue<double>()).ToArray();
        var norms = run["grad_norm_before_clip"]!.AsArray().Select(node => node!.GetValue<double>()).ToArray();
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Load(Reference.Path($"goldens/models/{name}"));
        model.eval();
        Parameter[] weights = [.. model.parameters()];
        using var optimizer = optim.AdamW(weights, 1e-3, 0.95, 0.999, 1e-8, 0.01);
        using var ema = new Ema(
            model.named_parameters().Select(named => (named.name, (Tensor)named.parameter)), 0.9, warmUp: false);
        var fixture = new Batch(folder);

        for (var step = 0; step < 5; step++)
        {
            using var inner = NewDisposeScope();
            model.zero_grad();
            var loss = fixture.Loss(model);
            loss.backward();
            AssertClose(losses[step], loss.item<float>(), 1e-3);
            AssertClose(norms[step], nn.utils.clip_grad_norm_(weights, 1), 1e-3);
            optimizer.step();
            ema.Update();
        }

        using var last = fixture.Loss(model);
        AssertClose(run["loss_after"]!.GetValue<double>(), last.item<float>(), 1e-3);
        AssertWeights(folder, model, ema);
    }

    [ReferenceTheory]
    [MemberData(nameof(Cases))]
    public void Noised_batch_and_loss_match_the_reference(string name)
    {
        var folder = Reference.Path($"goldens/training/{name}");
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Load(Reference.Path($"goldens/models/{name}"));
        model.eval();
        var fixture = new Batch(folder);

        var error = (fixture.Example.Noisy - fixture.Noisy).abs().max().item<float>();
        var loss = fixture.Loss(model).item<float>();

        Assert.True(error < 1e-5, $"noised batch differs by {error}");
        AssertClose(fixture.RecordedLoss, loss, 1e-5);
    }

    private static void AssertWeights(string folder, Denoiser model, Ema ema)
    {
        var after = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "after_5_steps.json")))!.AsObject();
        var still = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "case.json")))!["tensors_with_zero_gradient"]!
            .AsArray().Select(node => node!.GetValue<string>()).ToHashSet();
        var averages = ema.Export();
        foreach (var (name, parameter) in model.named_parameters())
            if (!still.Contains(name))
            {
                AssertClose(after[name]!["l2"]!.GetValue<double>(), parameter.norm().item<float>(), 1e-3);
                AssertClose(after[name]!["ema_l2"]!.GetValue<double>(), averages[name].norm().item<float>(), 1e-3);
            }
    }

    private static void AssertClose(double expected, double actual, double relative) => Assert.True(
        Math.Abs(expected - actual) <= relative * Math.Max(Math.Abs(expected), 1e-6),
            $"expected {expected}, got {actual}");

    private sealed class Batch
    {
        private const string Vp = """
            {"_class_name": "DDPMScheduler", "beta_start": 0.0001, "beta_end": 0.02, "beta_schedule": "linear"}
            """;
        private const string Flow = """{"_class_name": "FlowMatchEulerDiscreteScheduler"}""";

        private readonly Objective _objective;
        private readonly Tensor? _labels;

        public Batch(string folder)
        {
            using var file = SafetensorsFile.Open(Path.Combine(folder, "batch.safetensors"));
            var names = file.Header.Tensors.Keys.ToHashSet();
            var isFlow = names.Contains("batch.sigma");
            _objective = new Objective(NoiseSchedulers.Parse(isFlow ? Flow : Vp));
            _labels = names.Contains("batch.class_labels") ? file.Read("batch.class_labels") : null;
            Noisy = file.Read("batch.noisy");
            RecordedLoss = file.Read("loss").item<float>();
            Example = _objective.Make(
                file.Read("batch.clean"), file.Read("batch.noise"),
                file.Read(isFlow ? "batch.sigma" : "batch.timesteps").Doubles());
        }

        public TrainingBatch Example { get; }

        public Tensor Noisy { get; }

        public double RecordedLoss { get; }

        public Tensor Loss(Denoiser model) =>
            _objective.Loss(model.Predict(Example.Noisy, Example.Times, _labels), Example);
    }
}
