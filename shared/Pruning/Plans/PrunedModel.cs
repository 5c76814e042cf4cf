using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;

namespace Mlops.Pruning.Plans;

/// <summary>
/// A model that may carry a pruning plan: loads every layout an export writes (native, pruned, padded), a student with
/// its plan beside it, and a dense folder alike, and counts what it costs.
/// </summary>
public sealed class PrunedModel : IDisposable
{
    private PrunedModel(Denoiser inner, PruningPlan? plan, Denoiser model, WeightPacks? packs) =>
        (Inner, Plan, Model, Packs) = (inner, plan, model, packs);

    /// <summary>What predicts: routes by timestep where there is a plan.</summary>
    public Denoiser Model { get; }

    /// <summary>The network with the weights, without routing; the one to train.</summary>
    public Denoiser Inner { get; }

    /// <summary>The plan; null when the folder has none.</summary>
    public PruningPlan? Plan { get; }

    /// <summary>Weights that some variants run on in place of the network's own; null: none does.</summary>
    public WeightPacks? Packs { get; }

    /// <summary>Which sampler steps call the network; null: all of them.</summary>
    public StepTable? Steps => Plan?.Steps;

    /// <summary>Which method made it, as far as the files say.</summary>
    public string Method => Plan?.Method ?? "channel pruning";

    /// <summary>Parameters that the files hold.</summary>
    public long Parameters => Inner.Present().Sum(weight => weight.Value.numel()) + (Packs?.Parameters() ?? 0);

    /// <summary>MACs of one sample's forward pass on the real masks, averaged over the native timesteps.</summary>
    public double MeanMacs => Plan is null ? MacCounter.Count(Inner).Macs : PlanCosts.MeanMacs(Plan, Inner);

    /// <summary>Wraps a network and its plan; the network is owned from here on.</summary>
    /// <param name="inner">Dense, or sliced as the plan says.</param>
    /// <param name="plan">Null for a model without one.</param>
    /// <param name="schedulerJson">Text of scheduler_config.json: says how network times map to rows.</param>
    /// <param name="packs">Of the plan's variants; owned from here on.</param>
    /// <exception cref="InvalidDataException">The plan names a layer or a pack that there is not.</exception>
    public static PrunedModel Of(
        Denoiser inner, PruningPlan? plan, string? schedulerJson = null, WeightPacks? packs = null)
    {
        plan?.Steps?.CheckLayers(inner);
        return plan is null
            ? new(inner, null, inner, packs)
            : new(inner, plan, new RoutedDenoiser(inner, plan, RowsOf(plan, schedulerJson), packs), packs);
    }

    /// <summary>Loads a model folder with or without a plan.</summary>
    /// <exception cref="InvalidDataException">Plan, configuration and weights do not fit each other.</exception>
    public static PrunedModel Load(string folder, Placement? placement = null)
    {
        if (PrunedFolder.Load(folder, placement) is { } pruned)
            return Of(pruned.Network, pruned.Plan, ModelFolder.Scheduler(folder), pruned.Packs);
        if (!File.Exists(Path.Combine(folder, PruningPlan.FileName)))
            return Of(ModelFolder.Load(folder, placement), null);

        var (plan, packs) = (PlanFile.Load(folder), WeightPacks.In(folder));
        var optional = plan.NeverRun.Concat(packs?.ReplacedBy(plan) ?? new HashSet<string>());
        return Of(
            ModelFolder.Load(folder, sliced: true, [.. optional], placement), plan, ModelFolder.Scheduler(folder),
            packs);
    }

    /// <summary>The step table of a model folder, weights untouched; null when it has none.</summary>
    public static StepTable? StepsIn(string folder) => PlanIn(folder)?.Steps;

    /// <summary>The plan of a model folder, weights untouched; null when it has none.</summary>
    public static PruningPlan? PlanIn(string folder) => PrunedConfig.Read(folder) is { } pruned
        ? pruned.Entry.ToPlan(pruned.Dense.Source)
        : File.Exists(Path.Combine(folder, PruningPlan.FileName)) ? PlanFile.Load(folder) : null;

    /// <summary>Writes a model folder with the plan beside it; readable by <see cref="Load"/>.</summary>
    /// <param name="folder">Existing or new folder.</param>
    /// <param name="model">The network; sliced or missing weights are written as they are.</param>
    /// <param name="plan">Null writes an ordinary diffusers folder.</param>
    /// <param name="schedulerJson">Text of scheduler_config.json; null writes none.</param>
    /// <param name="packs">Of the plan's variants.</param>
    public static void Save(
        string folder, Denoiser model, PruningPlan? plan, string? schedulerJson, WeightPacks? packs = null)
    {
        Directory.CreateDirectory(folder);
        if (plan is not null)
            PlanFile.Save(plan, folder);
        if (packs is not null)
            packs.Save(folder, plan!.Packs);
        ModelFolder.Save(folder, model, schedulerJson);
    }

    /// <summary>A sampler that calls the network where the step table says so, or at every step without one; it wants
    /// a network with that guidance applied.</summary>
    /// <exception cref="InvalidDataException">The table is for another sampler, step count or guidance.</exception>
    public Sampler Sampler(NoiseScheduler scheduler, SamplerOptions options, double guidance = 1) => Steps is null
        ? new Sampler(scheduler, options)
        : StepRun.Sampler(Steps, scheduler, options, guidance, Model is RoutedDenoiser { Plan.IsConstant: false } routed
            ? variant => Guidance.Of(routed.Only(variant), guidance, routed.NullLabel)
            : null, control => Guidance.Of(Model, guidance, control));

    /// <summary>What one image costs.</summary>
    /// <param name="timesteps">Native timestep of every sampler step; a step table has its own.</param>
    /// <param name="guidance">w; 1 is none.</param>
    public StepCosts Costs(IReadOnlyCollection<long> timesteps, double guidance) => (Steps, Plan) switch
    {
        ({ } table, _) => StepCosts.Tabled(table, Plan, Inner),
        (_, { } plan) => StepCosts.Routed(plan, Inner, timesteps, guidance),
        _ => StepCosts.Dense(Inner, timesteps.Count, guidance),
    };

    public void Dispose()
    {
        Packs?.Dispose();
        Model.Dispose();
    }

    /// <summary>Flow models count time from 0 to T in fractions; all others name native timesteps.</summary>
    internal static Func<double, long>? RowsOf(PruningPlan plan, string? schedulerJson) => schedulerJson is null
        ? null
        : FlowTime.RowsOf(NoiseSchedulers.Parse(schedulerJson), plan.Timesteps);
}
