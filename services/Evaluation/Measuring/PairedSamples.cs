using Mlops.Diffusion;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// Samples of both models from equal noise.
/// </summary>
public sealed class PairedSamples : IDisposable
{
    // More states of a trajectory than this only cost memory.
    private const int MaxStates = 64;

    private PairedSamples(Tensor dense, Tensor pruned, Tensor deviation, Tensor timesteps, Tensor? fewer) =>
        (Dense, Pruned, Deviation, Timesteps, Fewer) = (dense, pruned, deviation, timesteps, fewer);

    /// <summary>The dense model's samples [N, C, H, W].</summary>
    public Tensor Dense { get; }

    /// <summary>The pruned model's samples [N, C, H, W].</summary>
    public Tensor Pruned { get; }

    /// <summary>Mean squared distance of the two trajectories per sample and kept step [N, K].</summary>
    public Tensor Deviation { get; }

    /// <summary>Native timestep of each kept step [K].</summary>
    public Tensor Timesteps { get; }

    /// <summary>The dense model's samples in <see cref="EvaluationInputs.FewerSteps"/> [N, C, H, W].</summary>
    public Tensor? Fewer { get; }

    /// <summary>Samples what no checkpoint holds yet, and returns all.</summary>
    public static Task<PairedSamples> DrawAsync(
        JobContext job, EvaluationInputs inputs, EvaluationOptions options, CancellationToken cancellationToken) =>
        BatchFiles.WriteAsync(
            job, options.Images, options.Batch, progress: 0.6,
            (path, first, count) => Write(path, inputs, options, job.Order.Seed, first, count, cancellationToken),
            Read, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dense.Dispose();
        Pruned.Dispose();
        Deviation.Dispose();
        Timesteps.Dispose();
        Fewer?.Dispose();
    }

    private static void Write(
        string path, EvaluationInputs inputs, EvaluationOptions options, long seed, int first, int count,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var sampling = inputs.Sampling;
        // Two unlike grids meet only at their end.
        var every = sampling.SharesGrid
            ? (sampling.DenseSteps + MaxStates - 1) / MaxStates
            : int.MaxValue;
        var (channels, height, width) = inputs.Dense.SampleShape;
        var noise = EqualNoise.Start(seed, first, count, channels, height, width).to(inputs.Device);
        var labels = inputs.Dense.LabelsInTurn(first, count);
        var settings = new SamplerOptions(Seed: (long)Seeds.Of(seed, "evaluation-batch", first), BatchSize: count);
        var states = new List<(long Timestep, Tensor State)>();
        var deviations = new List<Tensor>();
        var dense = inputs.SampleDense(noise, labels, settings, Chosen(
            step => states.Add((step.NativeTimestep, Keep(step.State.clone())))), cancellationToken);
        var pruned = inputs.SamplePruned(noise, labels, settings, Chosen(step =>
        {
            using var square = (step.State - states[deviations.Count].State).square();
            deviations.Add(Keep(square.flatten(1).mean([1L])));
        }), cancellationToken);
        var tensors = new Dictionary<string, Tensor>
        {
            ["dense"] = dense,
            ["pruned"] = pruned,
            ["deviation"] = stack(deviations, 1),
            ["timesteps"] = tensor(states.Select(state => (float)state.Timestep).ToArray(), device: CPU),
        };
        if (inputs.FewerSteps is { } steps)
            tensors["fewer"] = inputs.SampleDense(steps, noise, labels, settings, onStep: null, cancellationToken);
        SafetensorsWriter.Write(path, tensors);

        // The sampler's own scope would take along what is made in its callback.
        Tensor Keep(Tensor made)
        {
            scope.Attach(made.DetachFromDisposeScope());
            return made;
        }

        Action<SamplerStep> Chosen(Action<SamplerStep> keep) => step =>
        {
            if (every == int.MaxValue ? step.Index == step.Count - 1 : step.Index % every == 0)
                keep(step);
        };
    }

    private static PairedSamples Read(IReadOnlyList<SafetensorsFile> files)
    {
        using var scope = NewDisposeScope();
        return new(
            All("dense"), All("pruned"), All("deviation"), files[0].Read("timesteps").DetachFromDisposeScope(),
            files[0].Header.Tensors.ContainsKey("fewer") ? All("fewer") : null);

        Tensor All(string name) => cat([.. files.Select(file => file.Read(name))], 0).DetachFromDisposeScope();
    }
}
