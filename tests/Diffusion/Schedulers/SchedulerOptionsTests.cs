using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Schedulers;

public sealed class SchedulerOptionsTests
{
    [Fact]
    public void An_unknown_class_is_refused_with_the_list_of_known_ones()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            NoiseSchedulers.Parse("""{"_class_name": "PNDMScheduler"}"""));

        Assert.Contains("PNDMScheduler", error.Message, StringComparison.Ordinal);
        foreach (var name in NoiseSchedulers.Names)
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DDIMScheduler", """ "magic": 3 """, "magic = 3")]
    [InlineData("DDIMScheduler", """ "beta_schedule": "laplace" """, "beta_schedule")]
    [InlineData("DDPMScheduler", """ "variance_type": "fixed_large_log" """, "variance_type")]
    [InlineData("DDPMScheduler", """ "num_train_timesteps": 0 """, "num_train_timesteps")]
    [InlineData("DDPMScheduler", """ "beta_end": 1.5 """, "beta_end")]
    [InlineData("EulerDiscreteScheduler", """ "use_karras_sigmas": true, "use_beta_sigmas": true """, "exclude")]
    [InlineData("EulerDiscreteScheduler", """ "timestep_spacing": 7 """, "timestep_spacing")]
    [InlineData("DPMSolverMultistepScheduler", """ "algorithm_type": "dpmsolver" """, "final_sigmas_type")]
    [InlineData("DPMSolverMultistepScheduler", """ "prediction_type": "flow_prediction" """, "use_flow_sigmas")]
    [InlineData("FlowMatchEulerDiscreteScheduler", """ "time_shift_type": "cubic" """, "time_shift_type")]
    public void An_option_that_cannot_be_served_is_refused_by_name(string name, string option, string named)
    {
        var error = Assert.Throws<ArgumentException>(
            () => NoiseSchedulers.Parse($$"""{"_class_name": "{{name}}", {{option}}}"""));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_other_classes_and_options_that_are_off_do_no_harm()
    {
        var scheduler = NoiseSchedulers.Parse(
            """{"_class_name": "DDIMScheduler", "skip_prk_steps": true, "new_feature": false, "other": null}""");

        Assert.IsType<DdimScheduler>(scheduler);
    }

    [Fact]
    public void Saving_and_loading_keeps_every_option_even_infinity()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var scheduler = NoiseSchedulers.Parse(
            """{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "solver_order": 3}""");

        NoiseSchedulers.Save(scheduler, folder);
        var again = NoiseSchedulers.Load(folder);

        Assert.Contains("-Infinity,", File.ReadAllText(Path.Combine(folder, "scheduler_config.json")),
            StringComparison.Ordinal);
        Assert.Equal(scheduler.Options.ToJson().ToJsonString(), again.Options.ToJson().ToJsonString());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_model_can_be_sampled_with_another_method_on_the_same_noise()
    {
        var ancestral = NoiseSchedulers.Parse(
            """{"_class_name": "DDPMScheduler", "beta_schedule": "squaredcos_cap_v2", "variance_type": "learned"}""");

        var solver = NoiseSchedulers.Convert(ancestral, "DPMSolverMultistepScheduler");

        Assert.Equal(ancestral.Schedule!.AlphaBars, solver.Schedule!.AlphaBars);
        Assert.Throws<ArgumentException>(() => NoiseSchedulers.Convert(ancestral, "FlowMatchEulerDiscreteScheduler"));
    }

    [Fact]
    public void A_converted_sampler_still_keeps_pictures_in_range()
    {
        using var scope = NewDisposeScope();
        var ancestral = NoiseSchedulers.Parse(
            """{"_class_name": "DDPMScheduler", "beta_schedule": "squaredcos_cap_v2"}""");
        var solver = NoiseSchedulers.Convert(ancestral, "DPMSolverMultistepScheduler");

        var sample = new Sampler(solver, new SamplerOptions(10))
            .Sample((x, _, _) => x * 0.3, EqualNoise.Start(1, 0, 1, 3, 8, 8));

        Assert.InRange(sample.abs().max().item<float>(), 0.01f, 1f);
    }

    [Fact]
    public void A_missing_or_broken_file_says_where()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;

        Assert.Throws<FileNotFoundException>(() => NoiseSchedulers.Load(folder));
        File.WriteAllText(Path.Combine(folder, "scheduler_config.json"), "[1, 2");
        var error = Assert.Throws<InvalidDataException>(() => NoiseSchedulers.Load(folder));

        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("DDPMScheduler", 0)]
    [InlineData("DDIMScheduler", 1001)]
    [InlineData("EulerDiscreteScheduler", -1)]
    public void An_impossible_number_of_steps_is_refused(string name, int steps)
    {
        var scheduler = NoiseSchedulers.Parse($$"""{"_class_name": "{{name}}", "timestep_spacing": "leading"}""");

        Assert.Throws<ArgumentOutOfRangeException>(() => scheduler.SetTimesteps(steps));
    }

    [Fact]
    public void A_grid_argument_of_another_class_is_refused()
    {
        var scheduler = NoiseSchedulers.Parse("""{"_class_name": "DDIMScheduler"}""");

        var error = Assert.Throws<ArgumentException>(() => scheduler.SetTimesteps(5, new GridOptions(Mu: 0.5)));

        Assert.Contains("mu", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dynamic_shifting_needs_mu()
    {
        var scheduler = NoiseSchedulers.Parse(
            """{"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true}""");

        Assert.Throws<ArgumentException>(() => scheduler.SetTimesteps(5));
    }

    [Theory]
    [InlineData("DDIMScheduler", "trailing")]
    [InlineData("DPMSolverMultistepScheduler", "linspace")]
    [InlineData("EulerDiscreteScheduler", "linspace")]
    [InlineData("FlowMatchEulerDiscreteScheduler", "linspace")]
    public void Native_timesteps_fall_and_cover_the_table(string name, string spacing)
    {
        var scheduler = NoiseSchedulers.Parse($$"""{"_class_name": "{{name}}", "timestep_spacing": "{{spacing}}"}""");
        scheduler.SetTimesteps(10);

        var rows = Enumerable.Range(0, 10).Select(scheduler.NativeTimestep).ToArray();

        Assert.Equal(999, rows[0]);
        Assert.InRange(rows[^1], 0, 120);
        Assert.Equal(rows.OrderDescending(), rows);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.0005, 0)]
    [InlineData(0.001, 0)]
    [InlineData(0.0011, 1)]
    [InlineData(0.889, 888)]
    [InlineData(1, 999)]
    public void Flow_time_maps_to_the_row_below(double s, long row) => Assert.Equal(row, FlowTime.Native(s, 1000));
}
