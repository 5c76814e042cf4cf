using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

/// <summary>A network that is exact for a mixture of two Gaussians, so that its trajectories curve as those of a
/// trained one do: v of the posterior mean.</summary>
internal static class SomeProblem
{
    private const double Width = 0.4;

    private const string Betas = """
        "num_train_timesteps": 1000, "beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction",
        "timestep_spacing": "trailing", "clip_sample": false
        """;

    public static StepProblem Of(string sampler, int steps)
    {
        var ddim = NoiseSchedulers.Parse($$"""{"_class_name": "DDIMScheduler", {{Betas}}}""");
        NoiseScheduler Create() => NoiseSchedulers.Convert(ddim, sampler switch
        {
            "ddim" => "DDIMScheduler",
            "ddpm" => "DDPMScheduler",
            "euler" => "EulerDiscreteScheduler",
            _ => "DPMSolverMultistepScheduler",
        });
        return new StepProblem(sampler, Create, Mixture(ddim), 1, steps, StepOptions.Default, Seed: 5);
    }

    /// <summary>A network whose layers may be carried on.</summary>
    public static StepProblem WithLayers(Denoiser network, int steps, double guidance = 1) => new(
        "ddim", () => NoiseSchedulers.Convert(NoiseSchedulers.Parse(SomeNetwork.Scheduler), "DDIMScheduler"),
        Guidance.Of(network, guidance), guidance, steps, StepOptions.Default, Seed: 5, Layers: network);

    public static Probes Probes(int count, long seed) => new(EqualNoise.Start(seed, 0, count, 1, 4, 4), null);

    // x_0 is +p or −p, a ramp, and noise of width τ; with s² = α²τ² + σ² and κ = ατ²/s² the posterior mean is
    // E[x_0 | x] = κ·x + (1 − κα)·p·tanh(α⟨x, p⟩/s²), and v = (α·x − x_0)/σ.
    private static Prediction Mixture(NoiseScheduler scheduler) => (x, t, _) =>
    {
        using var scope = NewDisposeScope();
        var time = t.to(float64).item<double>();
        var low = (int)Math.Floor(time);
        var bars = Array.ConvertAll(scheduler.Schedule!.AlphaBars, bar => (double)bar);
        var bar = bars[low] + ((time - low) * (bars[Math.Min(low + 1, bars.Length - 1)] - bars[low]));
        double alpha = Math.Sqrt(bar), sigma = Math.Sqrt(1 - bar);
        var point = linspace(-1, 1, 16).reshape(1, 1, 4, 4);
        var square = (alpha * alpha * Width * Width) + (sigma * sigma);
        var kappa = alpha * Width * Width / square;
        var side = tanh((x * point).sum([1L, 2L, 3L], keepdim: true) * (alpha / square));
        var clean = (x * kappa) + (point * side * (1 - (kappa * alpha)));
        return (((x * alpha) - clean) / sigma).MoveToOuterDisposeScope();
    };
}
