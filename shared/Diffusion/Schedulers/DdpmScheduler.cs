using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Ancestral sampling of Ho et al. 2020 (equations 6 and 7), with the learned variance of Nichol &amp;
/// Dhariwal 2021 (equation 15). The previous timestep is the next entry of the grid.</summary>
public sealed class DdpmScheduler : NoiseScheduler
{
    private readonly string _spacing;
    private readonly string _variance;
    private readonly int _offset;
    private readonly SampleClip _clip;

    /// <summary>Reads and checks every option of the class.</summary>
    public DdpmScheduler(SchedulerOptions options)
        : base(options, Predictions.Read(options), NoiseSchedule.Read(options))
    {
        _spacing = options.Choice("timestep_spacing", "leading", TimestepGrid.Spacings);
        _variance = options.Choice(
            "variance_type", "fixed_small", "fixed_small", "fixed_small_log", "fixed_large", "learned",
            "learned_range");
        _offset = options.Whole("steps_offset", 0, 0, TrainTimesteps);
        _clip = SampleClip.Read(options, canClip: true);
        options.RefuseUnknown();
        if (Prediction == PredictionKind.Flow)
            throw options.Wrong("prediction_type", "flow_prediction", "epsilon, v_prediction or sample");
    }

    /// <summary>Whether x_0 is kept in [−1, 1], as pixel-space models want it.</summary>
    public bool ClipsToOne => _clip is { Clip: true, Threshold: false, Range: 1 };

    /// <summary>Whether steps want the network's variance channels.</summary>
    public bool LearnsVariance => _variance.StartsWith("learned", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void SetTimesteps(int steps, GridOptions? grid = null)
    {
        grid ??= GridOptions.None;
        grid.Allow(Options.ClassName, timesteps: true);
        Timesteps = TimestepGrid.Custom(
            grid.Timesteps ?? TimestepGrid.Ancestral(_spacing, steps, TrainTimesteps, _offset), TrainTimesteps);
    }

    /// <inheritdoc/>
    public override bool NeedsNoise(int step, StepOptions options) => Timesteps[step] > 0;

    /// <inheritdoc/>
    public override Tensor Step(
        Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null)
    {
        using var scope = NewDisposeScope();
        var t = (int)Timesteps[step];
        var bar = AlphaBars[t];
        var barPrevious = step + 1 < Timesteps.Count ? AlphaBars[(int)Timesteps[step + 1]] : 1f;
        // In float32 like the reference: neighboring ᾱ are so close that β shows how their ratio was rounded.
        float alpha = bar / barPrevious, beta = 1 - alpha;
        var (mean, learned) = Split(modelOutput, sample.shape[1]);

        var clean = _clip.Apply(Prediction.Clean(mean, sample, Math.Sqrt(bar), Math.Sqrt(1 - bar)));
        var previous = (clean * (Math.Sqrt(barPrevious) * beta / (1 - bar)))
            + (sample * (Math.Sqrt(alpha) * (1 - barPrevious) / (1 - bar)));
        if (t > 0)
            previous = previous + Scaled(
                noise ?? throw new ArgumentNullException(nameof(noise), "DDPM adds noise at every step but the last."),
                bar, barPrevious, beta, learned);

        return previous.MoveToOuterDisposeScope();
    }

    private (Tensor Mean, Tensor? Learned) Split(Tensor output, long channels)
    {
        if (!LearnsVariance)
            return (output, null);
        if (output.shape[1] != 2 * channels)
            throw new InvalidDataException(
                $"variance_type {_variance} needs a network with {2 * channels} output channels, but it has "
                + $"{output.shape[1]}.");

        return (output.narrow(1, 0, channels), output.narrow(1, channels, channels));
    }

    // The noise times the step's standard deviation.
    private Tensor Scaled(Tensor noise, double bar, double barPrevious, double beta, Tensor? learned)
    {
        var small = Math.Max((1 - barPrevious) / (1 - bar) * beta, 1e-20);
        if (learned is null)
            return noise * Math.Sqrt(_variance == "fixed_large" ? beta : small);
        if (_variance == "learned")
            return noise * learned.sqrt();

        // ν = (output + 1)/2 interpolates log σ² between its two bounds.
        var share = (learned + 1) / 2;
        return noise * (((share * Math.Log(beta)) + ((1 - share) * Math.Log(small))) / 2).exp();
    }
}
