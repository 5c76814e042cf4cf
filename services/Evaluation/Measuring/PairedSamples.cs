using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// Samples of both models from equal noise.
/// </summary>
public sealed class PairedSamples : IDisposable
{
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
        JobContext job, EvaluationInputs inputs, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var dense = new DenseTrajectories(job, inputs, options);
        return BatchFiles.WriteAsync(
            job, options.Images, options.Batch, progress: 0.6, WriteAsync, Read, cancellationToken);

        async Task WriteAsync(string path, int first, int count)
        {
            using var scratch = new ScratchFolder();
            var file = await dense.DrawAsync(first, count, scratch.Path, cancellationToken);
            Write(path, file, dense.Keeps, inputs, job.Order.Seed, first, count, cancellationToken);
        }
    }

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
        string path, string denseFile, Func<SamplerStep, bool> keeps, EvaluationInputs inputs, long seed, int first,
        int count, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = SafetensorsFile.Open(denseFile);
        var (states, timesteps) = (dense.Read("states").to(inputs.Device), dense.Read("timesteps"));
        var (noise, labels, settings) = DenseTrajectories.Start(inputs, seed, first, count);
        // Two unlike grids meet only at their end.
        var shared = inputs.Sampling.SharesGrid;
        var (samples, deviations) = (dense.Read("samples"), new List<Tensor>());
        var pruned = inputs.SamplePruned(noise, labels, settings, Compare, cancellationToken);
        var tensors = new Dictionary<string, Tensor>
        {
            ["dense"] = samples, ["pruned"] = pruned, ["deviation"] = stack(deviations, 1),
            ["timesteps"] = shared ? timesteps : timesteps.narrow(0, -1, 1),
        };
        if (inputs.FewerSteps is { } steps)
            tensors["fewer"] = inputs.SampleDense(steps, noise, labels, settings, onStep: null, cancellationToken);
        SafetensorsWriter.Write(path, tensors);

        void Compare(SamplerStep step)
        {
            if (!(shared ? keeps(step) : step.Index == step.Count - 1))
                return;
            var other = shared ? states[deviations.Count] : samples.to(inputs.Device);
            using var square = (step.State - other).square();
            deviations.Add(square.flatten(1).mean([1L]));
            // The sampler's own scope would take along what is made in its callback.
            scope.Attach(deviations[^1].DetachFromDisposeScope());
        }
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
