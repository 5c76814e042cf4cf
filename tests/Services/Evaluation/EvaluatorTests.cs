using Mlops.Contracts;
using Mlops.Evaluation;
using Mlops.Contracts.Evaluations;
using Mlops.Tests.Diffusion.Metrics;

namespace Mlops.Tests.Services.Evaluation;

public sealed class EvaluatorTests : IDisposable
{
    private const string Settings = """
        {
          "images": 6, "batch": 4, "steps": 4, "bands": 2, "loss-images": 4, "timing-rounds": 2, "timing-batch": 1,
          "pairs": 4, "real-images": 6, "distribution-images": 6, "macs": 0.99
        }
        """;

    private readonly SomeJobs _jobs = new();

    public void Dispose() => _jobs.Dispose();

    [Fact]
    public async Task Pruned_model_is_measured_against_its_dense_parent()
    {
        var output = _jobs.Output("evaluation");
        var inputs = await InputsAsync();

        await new Evaluator().WriteAsync(_jobs.Context(Settings, inputs, "a"), output, CancellationToken.None);

        var report = EvaluationReport.Load(output);
        Assert.InRange(report["macs"].Ratio!.Value, 0.8, 0.99);
        Assert.Equal(report["parameters"].Dense, report["parameters"].Pruned);
        Assert.InRange(report["ssim"].Pruned, report["ssim"].Low!.Value, report["ssim"].High!.Value);
        Assert.True(report["ssim"].Pruned < 1 && report["latent_mse"].Pruned > 0);
        Assert.True(report["latency"].Dense > 0 && report["step_latency"].Pruned > 0);
        // Only the noisy half is pruned, so only there the models answer differently.
        Assert.Equal(report["loss.t0-499"].Dense, report["loss.t0-499"].Pruned);
        Assert.NotEqual(report["loss.t500-999"].Dense, report["loss.t500-999"].Pruned);
        Assert.All(report.Measurements, m => Assert.NotEmpty(m.Protocol));
        Assert.Contains("pruned/model", report.Lineage.Keys);
        foreach (var name in new[] { "kid", "frechet", "precision", "recall", "density" })
        {
            Assert.InRange(report[name].Pruned, report[name].Low!.Value, report[name].High!.Value);
            Assert.Contains("standardized", report[name].Protocol, StringComparison.Ordinal);
            Assert.Contains("teacher-mean/1 mid_block", report[name].Protocol, StringComparison.Ordinal);
        }

        // Random weights: whatever they are compared with, the verdict says that they are no measure.
        Assert.False(report.Verdict.Checks.Single(check => check.Name == "trivial_loss").Passed);
        Assert.Equal(2, report.Schedule.Parts[1].Skip.Count);
        Assert.True(new FileInfo(Path.Combine(output, "pairs.png")).Length > 1000);
        Assert.Contains("data:image/png", await File.ReadAllTextAsync(Path.Combine(output, "report.html")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dense_model_evaluated_as_its_own_pruned_one_is_perfect()
    {
        var output = _jobs.Output("evaluation");
        var inputs = await InputsAsync();
        inputs["pruned"] = inputs["model"];

        await new Evaluator().WriteAsync(_jobs.Context(Settings, inputs, "b"), output, CancellationToken.None);

        var report = EvaluationReport.Load(output);
        Assert.Equal(1, report["ssim"].Pruned, 5e-13);
        Assert.Equal(double.PositiveInfinity, report["psnr"].Pruned);
        Assert.Equal(0, report["latent_mse"].Pruned);
        Assert.Equal(report["kid"].Dense, report["kid"].Pruned);
        Assert.Equal(1, report["macs"].Ratio);
        Assert.False(Assert.Single(report.Verdict.Checks, check => check.Name == "macs").Passed);
    }

    [Fact]
    public async Task Distributions_are_compared_in_the_features_that_the_job_was_given()
    {
        var output = _jobs.Output("evaluation");
        var inputs = await InputsAsync();
        inputs["features"] = await _jobs.Artifacts.ImportAsync(
            SomeFeatures.Clip(_jobs.Output("clip")), "features", CancellationToken.None);

        await new Evaluator().WriteAsync(_jobs.Context(Settings, inputs, "f"), output, CancellationToken.None);

        var report = EvaluationReport.Load(output);
        Assert.All(report.Measurements.Where(number => number.Group == "distribution"), number =>
        {
            Assert.Contains("clip-vision/1 embeds bicubic20 weights=", number.Protocol, StringComparison.Ordinal);
            Assert.DoesNotContain("standardized", number.Protocol, StringComparison.Ordinal);
        });
        Assert.Equal(inputs["features"].Sha256, report.Lineage["features"]);
    }

    [Fact]
    public async Task Evaluation_stopped_after_a_batch_goes_on_with_the_next_and_finds_the_same()
    {
        var (whole, resumed) = (_jobs.Output("whole"), _jobs.Output("resumed"));
        var inputs = await InputsAsync();
        await new Evaluator().WriteAsync(_jobs.Context(Settings, inputs, "c"), whole, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var activities = new List<string>();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Evaluator().WriteAsync(
            _jobs.Context(Settings, inputs, "d", _ => stop.Cancel()), resumed, stop.Token));
        await new Evaluator().WriteAsync(
            _jobs.Context(Settings, inputs, "d", p => activities.Add(p.Activity)), resumed, CancellationToken.None);

        Assert.Equal("6 of 6 sampled", activities[0]);
        foreach (var name in new[] { "ssim", "latent_mse", "latent_mse.t500-999", "loss", "frechet", "kid", "recall" })
            Assert.Equal(EvaluationReport.Load(whole)[name], EvaluationReport.Load(resumed)[name]);
    }

    [Fact]
    public async Task The_dense_model_is_sampled_once_for_all_that_are_held_against_it()
    {
        var inputs = await InputsAsync();
        await EvaluateAsync("first", Settings, inputs);
        var batches = _jobs.Names("checkpoints").Where(name => !name.EndsWith("first", StringComparison.Ordinal))
            .ToArray();
        inputs["pruned"] = inputs["model"];

        var shared = await EvaluateAsync("second", Settings, inputs);

        // Two batches, and what each job keeps itself.
        Assert.Equal((2, 4), (batches.Length, _jobs.Names("checkpoints").Count()));
        Assert.Equal(0, shared["latent_mse.t0-499"].Pruned);
        // Other steps and other noises are another trajectory.
        await EvaluateAsync("third", Settings.Replace("\"steps\": 4", "\"steps\": 5"), inputs);
        Assert.Equal(7, _jobs.Names("checkpoints").Count());
    }

    [Fact]
    public async Task Pruned_model_of_another_shape_is_refused()
    {
        var inputs = await InputsAsync();
        inputs["pruned"] = await _jobs.ModelAsync(16);

        await Assert.ThrowsAsync<InvalidDataException>(() => new Evaluator().WriteAsync(
            _jobs.Context(Settings, inputs, "e"), _jobs.Output("evaluation"), CancellationToken.None));
    }

    private async Task<EvaluationReport> EvaluateAsync(
        string key, string settings, Dictionary<string, ObjectRef> inputs)
    {
        var output = _jobs.Output(key);
        await new Evaluator().WriteAsync(_jobs.Context(settings, inputs, key), output, CancellationToken.None);
        return EvaluationReport.Load(output);
    }

    private async Task<Dictionary<string, ObjectRef>> InputsAsync()
    {
        var model = await _jobs.ModelAsync(32);
        return new()
        {
            ["model"] = model,
            ["pruned"] = await _jobs.PrunedAsync(model),
            ["data"] = await _jobs.DataAsync(),
        };
    }
}
