using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Weights;
using Mlops.Platform.Jobs;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// Samples of both models from equal noise. Every finished batch is a checkpoint, so an evaluation that was stopped
/// goes on with the next batch.
/// </summary>
public sealed class PairedSamples : IDisposable
{
    // More states of a trajectory than this only cost memory.
    private const int MostStates = 64;

    private PairedSamples(Tensor dense, Tensor pruned, Tensor deviation, Tensor timesteps) =>
        (Dense, Pruned, Deviation, Timesteps) = (dense, pruned, deviation, timesteps);

    /// <summary>The dense model's samples [N, C, H, W].</summary>
    public Tensor Dense { get; }

    /// <summary>The pruned model's samples [N, C, H, W].</summary>
    public Tensor Pruned { get; }

    /// <summary>Mean squared distance of the two trajectories per sample and kept step [N, K].</summary>
    public Tensor Deviation { get; }

    /// <summary>Native timestep of each kept step [K].</summary>
    public Tensor Timesteps { get; }

    /// <summary>Samples what no checkpoint holds yet, and returns all.</summary>
    public static async Task<PairedSamples> DrawAsync(
        JobContext job, EvaluationInputs inputs, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-pairs-").FullName;
        try
        {
            if (await job.Checkpoints.LatestAsync(cancellationToken) is { } latest)
                foreach (var file in Directory.EnumerateFiles(latest))
                    File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            for (var first = 0; first < options.Images; first += options.Batch)
            {
                var path = Path.Combine(folder, $"batch-{first:d7}.safetensors");
                if (File.Exists(path))
                    continue;
                var count = Math.Min(options.Batch, options.Images - first);
                Write(path, inputs, options, job.Order.Seed, first, count, cancellationToken);
                await job.Checkpoints.SaveAsync(folder, cancellationToken);
                job.Progress.Report(new(
                    0.6 * (first + count) / options.Images, $"{first + count} of {options.Images} pairs sampled"));
            }

            return Read(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dense.Dispose();
        Pruned.Dispose();
        Deviation.Dispose();
        Timesteps.Dispose();
    }

    private static void Write(
        string path, EvaluationInputs inputs, EvaluationOptions options, long seed, int first, int count,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var every = (options.Steps + MostStates - 1) / MostStates;
        var (channels, height, width) = inputs.Dense.SampleShape;
        var noise = EqualNoise.Start(seed, first, count, channels, height, width).to(inputs.Device);
        var labels = inputs.Labels(first, count);
        var settings = new SamplerOptions(options.Steps, (long)Seeds.Of(seed, "evaluation-batch", first), count);
        var states = new List<(long Timestep, Tensor State)>();
        var deviations = new List<Tensor>();
        var dense = Sample(inputs.Dense, step => states.Add((step.NativeTimestep, Keep(step.State.clone()))));
        var pruned = Sample(inputs.Pruned, step =>
        {
            using var square = (step.State - states[step.Index / every].State).square();
            deviations.Add(Keep(square.flatten(1).mean([1L])));
        });
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor>
        {
            ["dense"] = dense,
            ["pruned"] = pruned,
            ["deviation"] = stack(deviations, 1),
            ["timesteps"] = tensor(states.Select(state => (float)state.Timestep).ToArray(), device: CPU),
        });

        // The sampler's own scope would take along what is made in its callback.
        Tensor Keep(Tensor made)
        {
            scope.Attach(made.DetachFromDisposeScope());
            return made;
        }

        Tensor Sample(Denoiser model, Action<SamplerStep> keep) =>
            new Sampler(inputs.Scheduler(), settings).Sample(
                Guidance.Plain(model), noise, labels,
                step =>
                {
                    if (step.Index % every == 0)
                        keep(step);
                },
                cancellationToken);
    }

    private static PairedSamples Read(string folder)
    {
        using var scope = NewDisposeScope();
        var files = Directory.EnumerateFiles(folder)
            .Order(StringComparer.Ordinal).Select(SafetensorsFile.Open).ToList();
        try
        {
            return new(
                All("dense"), All("pruned"), All("deviation"), files[0].Read("timesteps").DetachFromDisposeScope());
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }

        Tensor All(string name) => cat([.. files.Select(file => file.Read(name))], 0).DetachFromDisposeScope();
    }
}
