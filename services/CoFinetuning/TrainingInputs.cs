using Mlops.Diffusion;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Data;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Plans;

namespace Mlops.CoFinetuning;

/// <summary>What a job trains, with what, on what; checked against each other before the first step.</summary>
internal sealed class TrainingInputs : IDisposable
{
    private readonly string _schedulerJson;

    /// <param name="backbone">The network that is trained, in float32; owned.</param>
    /// <param name="teacher">The given model's network, null without distillation; owned.</param>
    /// <param name="schedulerJson">Text of scheduler_config.json: the noise and what the network predicts.</param>
    /// <param name="plan">The student's plan, or the schedule that ALTER starts from.</param>
    public TrainingInputs(
        Denoiser backbone, Denoiser? teacher, ImageSet images, string schedulerJson, PruningPlan? plan,
        Placement placement)
    {
        (Backbone, Teacher, Images, Plan, Placement) = (backbone, teacher, images, plan, placement);
        _schedulerJson = schedulerJson;
        Scheduler = NoiseSchedulers.Parse(schedulerJson);
        teacher?.Freeze();
        Check();
    }

    /// <summary>The network that is trained.</summary>
    public Denoiser Backbone { get; }

    /// <summary>The given model's network; null without distillation.</summary>
    public Denoiser? Teacher { get; }

    /// <summary>Training images.</summary>
    public ImageSet Images { get; }

    /// <summary>Where both networks compute.</summary>
    public Placement Placement { get; }

    /// <summary>The noise, and what the network predicts.</summary>
    public NoiseScheduler Scheduler { get; }

    /// <summary>The plan that came with the student or as a schedule; null without one.</summary>
    public PruningPlan? Plan { get; }

    /// <summary>The plan of the given model, where the backbone is its network and <see cref="Plan"/> comes on top;
    /// null where that was dense, and for a student, whose plan is the whole.</summary>
    public PruningPlan? Given { get; private init; }

    /// <summary>Loads the backbone as it was before training; it belongs to the caller.</summary>
    public Func<Denoiser> Untuned { get; private init; } = () => throw new InvalidOperationException(
        "only masks that are learned are held against their start");

    /// <summary>The plan's masks; null without a plan.</summary>
    public HardTable? PlanTable => Plan is null ? null : HardTable.FromPlan(Plan, Backbone.Layers);

    /// <summary>Reads the roles that the mode needs.</summary>
    public static async Task<TrainingInputs> OpenAsync(
        JobContext job, CoFinetuneOptions options, CancellationToken cancellationToken)
    {
        var placement = Placement.Create(job.Device, options.Precision, job.Warn);
        var images = ImageSet.Open(await job.FolderAsync("data", cancellationToken));
        if (options.Mode == TrainingMode.Dense)
            return BuiltIn(images, options, job.Order.Seed, placement);

        var dense = await job.FolderAsync("model", cancellationToken);
        var given = PrunedModel.PlanIn(dense);
        using (var shape = GivenShape.Open(dense))
            CoFinetuner.Check(options, shape);
        var teacher = options.Mode == TrainingMode.Progressive && !options.Distillation.NeedsTeacher
            ? null
            : GivenModel.Load(dense, placement);
        // Trained weights start from all the bits that the files have.
        var trained = placement with { Dtype = TorchSharp.torch.float32 };
        if (options.Mode is TrainingMode.Alter or TrainingMode.Progressive)
        {
            var schedule = job.Order.Inputs.ContainsKey("schedule")
                ? PlanFile.Load(await job.FolderAsync("schedule", cancellationToken))
                : null;
            RefusePacks(schedule);
            if (schedule?.Variants.Any(variant => variant.Keep.Count > 0) is true)
                throw new InvalidDataException(
                    $"the schedule of method '{schedule.Method}' slices channels, but training starts from layer skips "
                    + "only; give it a schedule of skips or none");
            return new TrainingInputs(
                GivenModel.Load(dense, trained), teacher, images, SchedulerOf(dense), schedule, placement)
            {
                Given = given, Untuned = () => GivenModel.Load(dense, trained),
            };
        }

        var student = await job.FolderAsync("student", cancellationToken);
        RefusePacks(PrunedModel.PlanIn(student));
        var pruned = PrunedModel.Load(student, trained);
        return new TrainingInputs(pruned.Inner, teacher, images, SchedulerOf(dense), pruned.Plan, placement);
    }

    /// <summary>The built-in model with random weights, and its noise.</summary>
    public static TrainingInputs BuiltIn(
        ImageSet images, CoFinetuneOptions options, long seed, Placement placement)
    {
        var (channels, height, width) = images.Shape;
        if (height != width)
            throw new InvalidDataException(
                $"the images are {height} x {width}, but the built-in model takes squares; crop or scale them");

        var config = options.Architecture == Architecture.Dit
            ? BuiltInModel.Transformer(options.Blocks, options.Heads, channels, height, images.Classes)
            : BuiltInModel.Config(options.Widths, options.LayersPerBlock, channels, height, images.Classes);
        var model = ModelFamily.Create(config, Seeds.Of(seed, "model"), placement.Device);
        return new TrainingInputs(model, null, images, BuiltInModel.Scheduler, null, placement);
    }

    /// <summary>What each gateable layer costs in the backbone.</summary>
    public LayerCosts LayerCosts() => Pruning.Alter.LayerCosts.Of(Backbone);

    /// <summary>Kept ratio of the student as it came, averaged over native timesteps; 1 without a teacher.</summary>
    public double StudentKept() => Teacher is null ? 1
        : (PlanTable?.KeptRatio(LayerCosts()) ?? 1) * MacCounter.Count(Backbone).Macs / MacCounter.Count(Teacher).Macs;

    /// <summary>Gives the backbone the weights of another network of its shape.</summary>
    public void Restore(Denoiser other)
    {
        using var noGrad = TorchSharp.torch.no_grad();
        var weights = other.Present().ToDictionary(weight => weight.Name, weight => weight.Value);
        foreach (var (name, weight) in Backbone.Present())
            weight.copy_(weights[name]);
    }

    /// <summary>Writes the network as a model folder that a run can start from.</summary>
    /// <param name="plan">In terms of the backbone's layers; what is written is the whole.</param>
    public void SaveModel(string folder, PruningPlan? plan) => PrunedModel.Save(
        folder, Backbone, plan is null ? null : PlanUnion.Of(Given, plan, _schedulerJson), _schedulerJson);

    /// <inheritdoc/>
    public void Dispose()
    {
        Backbone.Dispose();
        Teacher?.Dispose();
    }

    private static void RefusePacks(PruningPlan? plan)
    {
        if (plan is { Packs.Count: > 0 })
            throw new InvalidDataException(
                $"the plan of '{plan.Method}' has other weights at other timesteps, of which one set is trained here; "
                + "use the student or schedule that it was made from");
    }

    private static string SchedulerOf(string folder) => ModelFolder.Scheduler(folder)
        ?? throw new FileNotFoundException(
            $"'{folder}' holds no scheduler_config.json; training needs the noise schedule the model was made with");

    private void Check()
    {
        DataFit.CheckShape(Images.Shape, Backbone);
        DataFit.CheckClasses(Images.Classes, needed: true, Backbone);
        if (Plan is not null && Plan.Timesteps != Scheduler.TrainTimesteps)
            throw new InvalidDataException(
                $"the plan covers {Plan.Timesteps} native timesteps but the model has {Scheduler.TrainTimesteps}; "
                + "use a plan that was made for this model");
    }
}
