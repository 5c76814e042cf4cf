using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Schedulers;

/// <summary>If all data is one image, the perfect denoiser is
/// known, and every sampler must end at that image.</summary>
public sealed class PointMassTests
{
    private const string Euler = "EulerDiscreteScheduler";
    private const string Dpm = "DPMSolverMultistepScheduler";
    private const string Flow = "FlowMatchEulerDiscreteScheduler";
    private const string V = """, "prediction_type": "v_prediction" """;

    [Theory]
    [InlineData("DDPMScheduler", "")]
    [InlineData("DDPMScheduler", """, "prediction_type": "sample", "variance_type": "fixed_large" """)]
    [InlineData("DDPMScheduler", """, "prediction_type": "v_prediction", "timestep_spacing": "linspace" """)]
    [InlineData("DDPMScheduler", """, "beta_schedule": "sigmoid", "thresholding": true, "steps_offset": 0 """)]
    [InlineData("DDIMScheduler", """, "timestep_spacing": "trailing", "beta_schedule": "squaredcos_cap_v2" """)]
    [InlineData("DDIMScheduler", """, "rescale_betas_zero_snr": true, "prediction_type": "v_prediction" """)]
    [InlineData(Euler, "")]
    [InlineData(Euler, """, "use_karras_sigmas": true, "prediction_type": "v_prediction" """)]
    [InlineData(Euler, """, "use_exponential_sigmas": true, "timestep_spacing": "trailing" """)]
    [InlineData(Euler, """, "use_beta_sigmas": true, "prediction_type": "sample" """)]
    [InlineData(Euler, V + """, "timestep_type": "continuous", "use_karras_sigmas": true """)]
    [InlineData(Dpm, """, "solver_order": 1 """)]
    [InlineData(Dpm, """, "solver_order": 2, "solver_type": "heun", "use_karras_sigmas": true """)]
    [InlineData(Dpm, """, "solver_order": 3, "use_lu_lambdas": true, "prediction_type": "v_prediction" """)]
    [InlineData(Dpm, """, "algorithm_type": "sde-dpmsolver++", "solver_order": 3, "use_exponential_sigmas": true """)]
    [InlineData(Dpm, V + """, "algorithm_type": "sde-dpmsolver++", "use_beta_sigmas": true """)]
    [InlineData(Dpm, """, "lambda_min_clipped": -5.1, "beta_schedule": "squaredcos_cap_v2" """)]
    [InlineData(Dpm, """, "use_flow_sigmas": true, "prediction_type": "flow_prediction", "flow_shift": 3.0 """)]
    [InlineData(Flow, """, "shift": 3.0 """)]
    [InlineData(Flow, """, "shift_terminal": 0.1, "use_karras_sigmas": true """)]
    [InlineData(Flow, """, "stochastic_sampling": true, "use_beta_sigmas": true """)]
    public void The_perfect_denoiser_leads_to_the_only_image(string name, string options)
    {
        using var scope = NewDisposeScope();
        var image = (rand([1, 3, 4, 4], generator: new Generator(5)) * 2) - 1;
        var scheduler = NoiseSchedulers.Parse($$"""{"_class_name": "{{name}}"{{options}}}""");
        scheduler.SetTimesteps(20);
        var step = 0;

        var sampler = new Sampler(scheduler, new SamplerOptions(20));
        var sample = sampler.Sample(
            (input, _, _) => Perfect(scheduler, step, input, image),
            EqualNoise.Start(1, 0, 1, 3, 4, 4),
            onStep: _ => step++);

        Assert.InRange((sample - image).abs().max().item<float>(), 0, 2e-3);
    }

    [Theory]
    [InlineData("dpmsolver", 2, "midpoint")]
    [InlineData("dpmsolver", 3, "midpoint")]
    [InlineData("sde-dpmsolver", 1, "midpoint")]
    [InlineData("sde-dpmsolver", 2, "heun")]
    public void Noise_prediction_solvers_end_at_the_smallest_noise_level(string algorithm, int order, string solver)
    {
        using var scope = NewDisposeScope();
        var image = full(1, 3, 8, 8, 0.5f);
        var scheduler = NoiseSchedulers.Parse($$"""
            {"_class_name": "{{Dpm}}", "algorithm_type": "{{algorithm}}", "solver_order": {{order}},
             "solver_type": "{{solver}}", "final_sigmas_type": "sigma_min", "use_karras_sigmas": true}
            """);
        scheduler.SetTimesteps(100);
        var step = 0;

        var sample = new Sampler(scheduler, new SamplerOptions(100)).Sample(
            (input, _, _) => Perfect(scheduler, step, input, image),
            EqualNoise.Start(1, 0, 1, 3, 8, 8),
            onStep: _ => step++);

        Assert.InRange((sample - image).abs().max().item<float>(), 0, 0.06);
    }

    private static Tensor Perfect(NoiseScheduler scheduler, int step, Tensor input, Tensor image)
    {
        var (alpha, sigma) = Level(scheduler, step);
        var state = scheduler is EulerScheduler ? input / alpha : input;
        var noise = scheduler is EulerScheduler ? (state - image) / (sigma / alpha) : (state - (image * alpha)) / sigma;
        return scheduler.Prediction switch
        {
            PredictionKind.Epsilon => noise,
            PredictionKind.Sample => image.clone(),
            PredictionKind.Velocity => (noise * alpha) - (image * sigma),
            _ => noise - image,
        };
    }

    private static (double Alpha, double Sigma) Level(NoiseScheduler scheduler, int step)
    {
        if (scheduler.Prediction == PredictionKind.Flow)
            return (1 - scheduler.Sigmas[step], scheduler.Sigmas[step]);
        if (scheduler.Sigmas.Count == 0)
        {
            double bar = scheduler.Schedule!.AlphaBars[(int)scheduler.Timesteps[step]];
            return (Math.Sqrt(bar), Math.Sqrt(1 - bar));
        }

        var s = scheduler.Sigmas[step];
        return (1 / Math.Sqrt((s * s) + 1), s / Math.Sqrt((s * s) + 1));
    }
}
