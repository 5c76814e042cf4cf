using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>Repeats a recorded sampling run of a model and compares every state.</summary>
public static class TrajectoryCheck
{
    // The recorded per-state rounding, widened as the fixtures widen the last one.
    private const double Widening = 20;
    private const double MinTolerance = 1e-4;

    /// <summary>Runs a fixture folder.</summary>
    /// <param name="folder">Holds <c>case.json</c>, <c>trajectory.safetensors</c>
    /// and, unless the run is Heun's, a <c>scheduler_config.json</c>.</param>
    /// <param name="models">Holds the folder of the model that <c>case.json</c> names.</param>
    /// <exception cref="ArgumentException">model or scheduler are of a kind that is not supported.</exception>
    public static IReadOnlyList<CheckResult> Run(string folder, string models)
    {
        var run = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "case.json"))) as JsonObject
            ?? throw new InvalidDataException($"{folder}/case.json holds no JSON object.");
        using var model = ModelFolder.Load(Path.Combine(models, run["model"]!.GetValue<string>()));
        model.eval();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var record = SafetensorsFile.Open(Path.Combine(folder, "trajectory.safetensors"));
        var states = new List<Tensor>();
        var labels = record.Header.Tensors.ContainsKey("cond.class_labels") ? record.Read("cond.class_labels") : null;
        if (File.Exists(Path.Combine(folder, "scheduler_config.json")))
            RunScheduler(folder, run, record, Call(model, run), labels, states);
        else
            FlowHeun.Sample(
                Call(model, run), record.Read("x")[0], Steps(run), labels,
                onStep: (_, state, _, _) => states.Add(state.clone().DetachFromDisposeScope()));

        return Compare(run, record.Read("x"), states);
    }

    private static void RunScheduler(
        string folder, JsonObject run, SafetensorsFile record, Prediction call, Tensor? labels, List<Tensor> states)
    {
        var scheduler = NoiseSchedulers.Load(folder);
        var grid = GridOptions.Read(run["set_timesteps"] as JsonObject);
        var options = new SamplerOptions(Steps(run), Step: StepOptions.Read(run["step"] as JsonObject), Grid: grid);
        var noises = record.Read("noise");
        scheduler.SetTimesteps(options.Steps, grid);
        // The recorded start is scaled already; the sampler scales standard normal noise.
        using var start = record.Read("x")[0] / scheduler.InitNoiseSigma;
        var sampler = new Sampler(scheduler, options) { StepNoise = (step, _, _) => noises[step] };
        sampler.Sample(call, start, labels, step => states.Add(step.State.clone().DetachFromDisposeScope()));
    }

    private static Prediction Call(Denoiser model, JsonObject run)
    {
        var scalars = run["scalars"] as JsonObject;
        var call = Guidance.Plain(model);
        return scalars?["guidance_scale"] is { } scale && scalars["null_label"] is { } none
            ? Guidance.ClassifierFree(call, scale.GetValue<double>(), none.GetValue<long>())
            : call;
    }

    private static int Steps(JsonObject run) => run["steps"]!.GetValue<int>();

    private static List<CheckResult> Compare(JsonObject run, Tensor expected, List<Tensor> states)
    {
        var rounding = (run["fp32_vs_fp64_max_abs_per_state"] as JsonArray)?
            .Select(node => node!.GetValue<double>()).ToArray();
        var final = run["suggested_atol_final"]?.GetValue<double>() ?? MinTolerance;
        var results = new List<CheckResult>();
        for (var step = 0; step < states.Count; step++)
        {
            using var ours = states[step];
            var tolerance = step == states.Count - 1 || rounding is null
                ? final
                : Math.Max(MinTolerance, Widening * rounding[step + 1]);
            var error = (ours - expected[step + 1]).abs().max().to(float64).item<double>();
            results.Add(new CheckResult($"state {step + 1}", error, tolerance));
        }

        return results;
    }
}
