using System.Text.Json.Nodes;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>One training step in detail (noising, loss, every gradient) and several steps of AdamW with EMA.</summary>
internal sealed class TrainingCheck(Placement placement) : IFixtureCheck
{
    private const double LossTolerance = 1e-5;
    private const double GradientTolerance = 1e-3;
    private const double RunTolerance = 1e-3;

    public bool Handles(FixtureCase fixture) => fixture.Has("objective") && fixture.Has("model");

    public string? NotBuilt(FixtureCase fixture) => FixtureCase.NotBuilt(fixture.ModelFolder())
        ?? (placement.Dtype != ScalarType.Float32 ? "gradients are compared in float32" : null)
        ?? (RecordedBatch.Understands(fixture) ? null : $"the objective \"{fixture.Text("objective")}\" is not built");

    public IReadOnlyList<CheckResult> Run(FixtureCase fixture, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Load(fixture.ModelFolder(), placement);
        model.eval();
        using var record = fixture.Tensors("batch.safetensors");
        var batch = RecordedBatch.Read(fixture, record, placement.Device);
        var results = new List<CheckResult>
        {
            new("noised input", batch.NoisingError, 1e-5),
        };
        var still = (fixture.Facts["tensors_with_zero_gradient"]?.AsArray() ?? [])
            .Select(name => (string)name!).ToHashSet();
        results.AddRange(Gradients(fixture, model, batch, still));
        if (fixture.Has("adamw_run"))
            results.AddRange(Optimize(fixture, model, batch, still, cancellationToken));
        return results;
    }

    private static List<CheckResult> Gradients(
        FixtureCase fixture, Denoiser model, RecordedBatch batch, HashSet<string> still)
    {
        using var scope = NewDisposeScope();
        using var record = fixture.Tensors("grads.safetensors");
        model.zero_grad();
        var loss = batch.Loss(model);
        loss.backward();
        var results = new List<CheckResult>
        {
            new("loss", Difference.Relative(loss.item<float>(), fixture.Number("loss")), LossTolerance),
        };
        var parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        if (parameters.Count != record.Header.Tensors.Count)
            results.Add(new("gradient count", Math.Abs(parameters.Count - record.Header.Tensors.Count), 0.5));
        foreach (var name in record.Header.Tensors.Keys.Where(name => !still.Contains(name)))
            results.Add(new($"gradient of {name}",
                parameters.GetValueOrDefault(name)?.grad is { } gradient
                    ? Difference.Relative(gradient.cpu(), record.Read(name)) : double.PositiveInfinity,
                GradientTolerance));
        return results;
    }

    private static List<CheckResult> Optimize(
        FixtureCase fixture, Denoiser model, RecordedBatch batch, HashSet<string> still, CancellationToken token)
    {
        double Setting(params string[] path) => fixture.Number(["adamw_run", .. path]);
        var run = fixture.Facts["adamw_run"]!;
        var betas = run["betas"]!.AsArray().Select(beta => (double)beta!).ToArray();
        var weights = model.Present().ToList();
        using var optimizer = optim.AdamW(
            weights, Setting("lr"), betas[0], betas[1], Setting("eps"), Setting("weight_decay"));
        using var ema = new Ema(
            weights.Select(weight => (weight.Name, (Tensor)weight.Value)), Setting("ema_decay"), warmUp: false);
        var results = new List<CheckResult>();
        for (var step = 0; step < (int)Setting("steps"); step++)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            model.zero_grad();
            var loss = batch.Loss(model);
            loss.backward();
            var norm = nn.utils.clip_grad_norm_(
                weights.Select(weight => weight.Value), Setting("clip_grad_norm"));
            Compare($"loss before step {step}", loss.item<float>(), run["losses_before_each_step"]![step]!);
            Compare($"gradient norm of step {step}", norm, run["grad_norm_before_clip"]![step]!);
            optimizer.step();
            ema.Update();
        }
        using (var noGrad = no_grad())
        {
            using var last = batch.Loss(model);
            Compare("loss after the run", last.item<float>(), run["loss_after"]!);
        }
        results.AddRange(Weights(fixture, model, ema, still));
        return results;

        void Compare(string name, double ours, JsonNode theirs) =>
            results.Add(new(name, Difference.Relative(ours, (double)theirs), RunTolerance));
    }

    private static List<CheckResult> Weights(FixtureCase fixture, Denoiser model, Ema ema, HashSet<string> still)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var expected = FixtureCase.ReadObject(fixture.Path("after_5_steps.json"));
        var averages = ema.Export();
        var results = new List<CheckResult>();
        foreach (var (name, parameter) in model.named_parameters().Where(pair => !still.Contains(pair.name)))
        {
            var entry = expected[name]
                ?? throw new InvalidDataException($"{fixture.Path("after_5_steps.json")} does not mention {name}.");
            results.Add(new($"norm of {name}",
                Difference.Relative(Difference.L2(parameter), (double)entry["l2"]!), RunTolerance));
            results.Add(new($"averaged norm of {name}",
                Difference.Relative(Difference.L2(averages[name].cpu()), (double)entry["ema_l2"]!), RunTolerance));
        }
        foreach (var average in averages.Values)
            average.Dispose();
        return results;
    }
}
