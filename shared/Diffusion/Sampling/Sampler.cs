using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Sampling;

/// <summary>Draws samples with a network and a scheduler, in batches, without gradients.</summary>
public sealed class Sampler(NoiseScheduler scheduler, SamplerOptions options)
{
    /// <summary>Noise of a step, given its index, the index of the batch's
    /// first sample and the state; from the seed unless set.</summary>
    public Func<int, int, Tensor, Tensor> StepNoise { get; init; } =
        (step, first, state) => EqualNoise.Step(options.Seed, step, first, state);

    /// <summary>Samples from start noise of the options' seed.</summary>
    /// <param name="model">Gives the sample shape; variance channels are handled.</param>
    /// <param name="labels">One class per sample; null for an unconditional model.</param>
    /// <param name="onStep">Sees every step of every batch.</param>
    /// <returns>[count, C, H, W] in the caller's dispose scope.</returns>
    public Tensor Sample(
        Denoiser model, int count, Tensor? labels = null, Action<SamplerStep>? onStep = null,
        CancellationToken cancellationToken = default)
    {
        var (channels, height, width) = model.SampleShape;
        using var start = EqualNoise.Start(options.Seed, 0, count, channels, height, width);
        return Sample(Guidance.Plain(model), start, labels, onStep, cancellationToken);
    }

    /// <summary>Samples from given standard normal noise.</summary>
    /// <param name="noise">Standard normal [N, C, H, W]; scaled here where the method wants it.</param>
    /// <param name="labels">One class per sample, or null.</param>
    /// <param name="onStep">Sees every step of every batch.</param>
    public Tensor Sample(
        Prediction predict, Tensor noise, Tensor? labels = null, Action<SamplerStep>? onStep = null,
        CancellationToken cancellationToken = default)
    {
        if (options.BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.BatchSize,
                "a batch needs at least 1 sample.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var count = noise.shape[0];
        var batches = new List<Tensor>();
        for (var first = 0; first < count; first += options.BatchSize)
        {
            var size = Math.Min(options.BatchSize, count - first);
            var classes = labels?.narrow(0, first, size);
            batches.Add(Run(predict, noise.narrow(0, first, size), classes, first, onStep, cancellationToken));
        }

        return (batches.Count == 1 ? batches[0] : cat(batches, 0)).MoveToOuterDisposeScope();
    }

    private Tensor Run(
        Prediction predict, Tensor noise, Tensor? labels, int first, Action<SamplerStep>? onStep,
        CancellationToken token)
    {
        var stepOptions = options.Step ?? StepOptions.Default;
        scheduler.SetTimesteps(options.Steps, options.Grid);
        var state = noise * scheduler.InitNoiseSigma;
        for (var step = 0; step < scheduler.Timesteps.Count; step++)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var output = predict(scheduler.ScaleModelInput(state, step), Time(step, state.device), labels);
            var fresh = scheduler.NeedsNoise(step, stepOptions)
                ? StepNoise(step, first, state)
                : null;
            var next = scheduler.Step(KeepFor(output, state), step, state, fresh, stepOptions);
            onStep?.Invoke(new SamplerStep(
                step, scheduler.Timesteps.Count, scheduler.NativeTimestep(step), first, state, output, next));
            state.Dispose();
            state = next.MoveToOuterDisposeScope();
        }

        return state;
    }

    // Ancestral sampling with a learned variance wants the extra channels; everything else drops them.
    private Tensor KeepFor(Tensor output, Tensor state) =>
        scheduler is DdpmScheduler { LearnsVariance: true } ? output : Guidance.KeepChannels(output, state.shape[1]);

    private Tensor Time(int step, Device device)
    {
        var t = scheduler.Timesteps[step];
        return scheduler.WholeTimesteps ? tensor([(long)t], int64, device) : tensor([(float)t], float32, device);
    }
}
