using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>A network under a sampler whose calls are to be saved.</summary>
/// <param name="Sampler">Short name.</param>
/// <param name="CreateScheduler">Makes a scheduler of that name; each keeps the grid of its own run.</param>
/// <param name="Network">Guidance applied; the one that is imitated.</param>
/// <param name="Guidance">w; 1 is none.</param>
/// <param name="Steps">S.</param>
/// <param name="Options">Of the method.</param>
/// <param name="Seed">Step noise derives from it, for methods that draw any.</param>
/// <param name="Variants">What a step may call; null: only the network.</param>
/// <param name="Layers">The network without guidance, where layers of it are carried on; null: none is.</param>
public sealed record StepProblem(
    string Sampler, Func<NoiseScheduler> CreateScheduler, Prediction Network, double Guidance, int Steps,
    StepOptions Options, long Seed, StepVariants? Variants = null, Denoiser? Layers = null)
{
    /// <summary>Own native timesteps of a table; null: the sampler's usual grid.</summary>
    public IReadOnlyList<int>? Timesteps { get; init; }

    /// <summary>The dense run that a table stands for, where sampler, steps or grid are unlike.</summary>
    public StepProblem? Dense { get; init; }

    // One forward pass of that many probes at once.
    private const int Batch = 64;

    /// <summary>Networks that a step may call.</summary>
    public int Networks => Variants?.Networks.Count ?? 1;

    /// <summary>The network with something done to its layers, guidance applied; null where no step carries any on.
    /// </summary>
    public Func<LayerControl, Prediction>? Controlled => Layers is { } layers
        ? control => Diffusion.Sampling.Guidance.Of(layers, Guidance, control) : null;

    /// <summary>MACs of a call; where there is one network, 1.</summary>
    public long Price(int step, int network) => Variants?.Macs[network][step] ?? 1;

    /// <summary>The same of the first network at every step.</summary>
    public long WholePrice => Enumerable.Range(0, Steps).Sum(step => Price(step, network: 0));

    /// <summary>The same of a whole table.</summary>
    public long Price(IReadOnlyList<StepAction> actions) =>
        actions.Select((action, step) => action is StepAction.Run run ? Price(step, run.Variant) : 0).Sum();

    /// <summary>A table for this problem.</summary>
    public StepTable Table(IReadOnlyList<StepAction> actions, StepAim aim = StepAim.Sampler) =>
        new(Sampler, Dense?.Steps ?? Steps, Guidance, Options.UseClippedModelOutput, aim, actions)
        {
            Timesteps = Timesteps, DenseSampler = Dense?.Sampler == Sampler ? null : Dense?.Sampler,
        };

    /// <summary>Lays a scheduler's grid.</summary>
    public void Lay(NoiseScheduler scheduler) => scheduler.SetTimesteps(Steps, scheduler.GridOf(Timesteps));

    /// <summary>Samples under a table; null runs at every step. Belongs to the caller's dispose scope.</summary>
    public Tensor Sample(IReadOnlyList<StepAction>? actions, Probes probes, CancellationToken cancellationToken)
    {
        var scheduler = CreateScheduler();
        var options = new SamplerOptions(actions?.Count ?? Steps, Seed, Batch, Options);
        var sampler = actions is null
            ? new Sampler(scheduler, options with { Grid = scheduler.GridOf(Timesteps) })
            : StepRun.Sampler(Table(actions), scheduler, options, Guidance,
                Variants is { } variants ? network => variants.Networks[network] : null, Controlled);
        return sampler.Sample(Network, probes.Noise, probes.Labels, cancellationToken: cancellationToken);
    }
}

/// <summary>Networks between which the steps choose; the first has all layers.</summary>
/// <param name="Networks">Guidance applied; each serves every step.</param>
/// <param name="Macs">[network][step]: multiply-accumulates of a call.</param>
public sealed record StepVariants(IReadOnlyList<Prediction> Networks, IReadOnlyList<IReadOnlyList<long>> Macs);

/// <summary>Start noises and labels on which tables are tried.</summary>
/// <param name="Noise">[P, C, H, W].</param>
/// <param name="Labels">[P], or null.</param>
public sealed record Probes(Tensor Noise, Tensor? Labels)
{
    /// <summary>Noises of a purpose, which no other purpose sees, and all classes in turn; where the model is, in the
    /// caller's dispose scope.</summary>
    public static Probes Draw(Denoiser model, long seed, string purpose, int count)
    {
        var (channels, height, width) = model.SampleShape;
        using var noise = EqualNoise.Start((long)Seeds.Of(seed, purpose), 0, count, channels, height, width);
        return new(noise.to(model.Device, copy: true), model.LabelsInTurn(0, count));
    }

    /// <summary>P.</summary>
    public int Count => (int)Noise.shape[0];
}
