using System.Text.Json.Nodes;
using Mlops.Diffusion;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>The dense model's samples and the states on the way to them, which all evaluations against the same model
/// have in common: whichever comes first samples a batch.</summary>
internal sealed class DenseTrajectories(JobContext job, EvaluationInputs inputs, EvaluationOptions options)
{
    private const string Protocol = "dense-trajectories/1", FileName = "dense.safetensors";

    // More states of a trajectory than this only cost memory.
    private const int MaxStates = 64;

    // More than this is sampled again sooner than the store should hold it.
    private const long MaxBytes = 2L << 30;

    private readonly int _every = (inputs.Sampling.DenseSteps + MaxStates - 1) / MaxStates;

    /// <summary>Whether the state after a step is kept.</summary>
    public bool Keeps(SamplerStep step) => step.Index % _every == 0;

    /// <summary>The file of a batch.</summary>
    /// <param name="scratch">Where it is written if no other evaluation has.</param>
    public async Task<string> DrawAsync(
        int first, int count, string scratch, CancellationToken cancellationToken)
    {
        var part = IsKept ? Part(first, count) : null;
        if (part is not null && await part.LatestAsync(cancellationToken) is { } made)
            return Path.Combine(made, FileName);
        var path = Path.Combine(scratch, FileName);
        Write(path, first, count, cancellationToken);
        if (part is not null)
            await part.SaveAsync(scratch, cancellationToken);
        return path;
    }

    /// <summary>Start noises and labels of a batch, and how it is sampled.</summary>
    public static (Tensor Noise, Tensor? Labels, SamplerOptions Options) Start(
        EvaluationInputs inputs, long seed, int first, int count)
    {
        var (channels, height, width) = inputs.Dense.SampleShape;
        return (
            EqualNoise.Start(seed, first, count, channels, height, width).to(inputs.Device),
            inputs.Dense.LabelsInTurn(first, count),
            new(Seed: (long)Seeds.Of(seed, "evaluation-batch", first), BatchSize: count));
    }

    private bool IsKept => inputs.Dense.SampleShape is var (channels, height, width)
        && (long)options.Images * (inputs.Sampling.DenseSteps / _every) * channels * height * width
            * sizeof(float) <= MaxBytes;

    private CheckpointStore Part(int first, int count) => job.CommonPart(
        Protocol, GetType().Assembly, ["model"], new JsonObject
        {
            ["sampler"] = inputs.Sampling.DenseSampler, ["steps"] = inputs.Sampling.DenseSteps,
            ["guidance"] = inputs.Sampling.Guidance,
            ["use-clipped-model-output"] = inputs.Sampling.Step.UseClippedModelOutput,
            ["precision"] = $"{options.Precision}", ["first"] = first, ["count"] = count,
        });

    private void Write(string path, int first, int count, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (noise, labels, settings) = Start(inputs, job.Order.Seed, first, count);
        var (timesteps, states) = (new List<float>(), new List<Tensor>());
        var samples = inputs.SampleDense(noise, labels, settings, Keep, cancellationToken);
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor>
        {
            ["samples"] = samples, ["states"] = stack(states, 0),
            ["timesteps"] = tensor(timesteps.ToArray(), device: CPU),
        });

        void Keep(SamplerStep step)
        {
            if (!Keeps(step))
                return;
            timesteps.Add(step.NativeTimestep);
            states.Add(step.State.clone());
            // The sampler's own scope would take along what is made in its callback.
            scope.Attach(states[^1].DetachFromDisposeScope());
        }
    }
}
