using Mlops.Diffusion;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>
/// ALTER's masks (arXiv 2505.21817, section 3.4): inside a window of steps a hypernetwork learns them on the images
/// that the backbone sees; then they are frozen on the budget.
/// </summary>
internal sealed class LearnedMasks : MaskSource
{
    // A schedule that meets the budget exactly may differ in the last bits.
    private const double Rounding = 1e-9;

    private readonly CoFinetuneOptions _options;
    private readonly AlterSettings _settings;
    private readonly TrainingInputs _inputs;
    private readonly TrainingData _data;
    private readonly AlterNetwork _network;
    private readonly LayerCosts _costs;
    private readonly ModuleTrainer _trainer;
    private readonly HypernetworkStep _step;
    private readonly long _seed;
    private readonly HardTable? _schedule;
    private HardTable _current;
    private FreezeRecord? _frozen;
    private MaskProbes? _probes;

    /// <exception cref="InvalidDataException">The schedule is none of skips.</exception>
    public LearnedMasks(TrainingInputs inputs, TrainingData data, CoFinetuneOptions options, long seed)
    {
        (_inputs, _data, _options, _seed) = (inputs, data, options, seed);
        var teacher = inputs.Teacher ?? throw new InvalidOperationException("co-optimization needs the dense teacher");
        _costs = inputs.LayerCosts();
        var schedule = inputs.PlanTable;
        var settings = _settings = options.Alter;
        var sizes = options.Experts is null && schedule is not null
            ? settings.Sizes with
            {
                Experts = Math.Max(settings.Sizes.Experts, ScheduleStart.Experts(settings.Sizes.Router, schedule)),
            }
            : settings.Sizes;
        using (var scope = NewDisposeScope())
            _network = new AlterNetwork(
                inputs.Backbone.Layers.Count, TimestepTable.Compute(
                    inputs.Backbone, inputs.Scheduler.TrainTimesteps, inputs.Placement.Device), sizes, seed);
        if (schedule is not null)
            _schedule = ScheduleStart.Imitate(_network, schedule);
        _trainer = new ModuleTrainer(
            "hypernetwork", _network, ScalarType.Float32,
            new LearningRate(settings.HyperLearningRate, settings.WarmUpSteps), settings.HyperWeightDecay,
            options.ClipNorm);
        _step = new HypernetworkStep(_network, inputs.Backbone, teacher, _costs, options, seed);
        _current = Draw(0);
    }

    /// <inheritdoc/>
    public override HardTable Current => _current;

    /// <inheritdoc/>
    public override double Kept => _current.KeptRatio(_costs);

    /// <inheritdoc/>
    public override PruningPlan Plan => _current.ToPlan("alter", _inputs.Backbone.Layers, _costs);

    /// <inheritdoc/>
    public override FreezeRecord? Frozen => _frozen;

    /// <inheritdoc/>
    public override LossRow Learn(LossRow row, (Tensor Images, Tensor? Labels) images)
    {
        if (row.Step > _options.Window)
            return row;

        var losses = _step.Backward(_data.Noised(images, "hyper", row.Step), row.Step);
        TrainingLoop.Require(
            losses.Total, "the hypernetwork's loss", "hyper-learning-rate", _settings.HyperLearningRate, row.Step);
        _trainer.Update(row.Step);
        if (row.Step < _options.Window)
            _current = Draw(row.Step);
        else
            Freeze(row.Step);
        return row with
        {
            Soft = losses.Soft, Performance = losses.Performance, Ratio = losses.Ratio, Balance = losses.Balance,
        };
    }

    /// <inheritdoc/>
    public override TuningOutcome? Judge()
    {
        if (Start is not { } start)
            return null;
        using var untuned = _inputs.Untuned();
        // Not the noises that chose the masks, which flatter them.
        using var fresh = new MaskProbes(_inputs, _options, _seed, "alter-verdict");
        var outcome = new TuningOutcome(fresh.Distance(_current), fresh.Distance(start, untuned));
        if (outcome.TakesStart)
        {
            _inputs.Restore(untuned);
            _current = start;
        }

        return outcome;
    }

    /// <inheritdoc/>
    public override void Save(string folder)
    {
        _trainer.Save(folder);
        MaskFile.Save(_current, folder);
    }

    /// <inheritdoc/>
    public override void Load(string folder, FreezeRecord? frozen)
    {
        _trainer.Load(folder);
        (_current, _frozen) = (MaskFile.Load(folder), frozen);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _probes?.Dispose();
        _step.Dispose();
        _trainer.Dispose();
        _network.Dispose();
    }

    // Only where the masks are frozen, and several tables stand to choose.
    private MaskProbes Probes => _probes ??= new(_inputs, _options, _seed, "alter-probes");

    // The schedule that was given, where it keeps the budget.
    private HardTable? Start => _schedule?.KeptRatio(_costs) <= _options.Macs + Rounding ? _schedule : null;

    private HardTable Draw(int step) => _settings.WindowNoise ? NoisyDraw(step) : _network.Hard();

    private HardTable NoisyDraw(int step)
    {
        using var generator = new Generator(Seeds.Of(_seed, "alter-table", step));
        return _network.Hard(generator);
    }

    // Ends the window, and measures how decided the masks were.
    private void Freeze(int step)
    {
        using var first = new Generator(Seeds.Of(_seed, "alter-flips", 0));
        using var second = new Generator(Seeds.Of(_seed, "alter-flips", 1));
        var learned = _settings.Freeze == FreezeRule.LastDraw && NoisyDraw(step) is var drawn
            ? new FrozenMasks(drawn, double.NaN, drawn.KeptRatio(_costs))
            : MaskFreezer.Freeze(_network, _costs, _options.Macs);
        var choice = Choose(learned.Table);
        _current = choice.Table;
        _frozen = FreezeRecord.Of(
            step, learned with { Table = _current, KeptRatio = Kept }, choice, _network.Sizes.Median,
            _network.Hard(first), _network.Hard(second));
    }

    // Where several tables keep the budget, the one whose samples are nearest to the teacher's: a schedule that was
    // given is not given up for less.
    private MaskChoice Choose(HardTable learned)
    {
        var only = new MaskChoice(learned, MaskChoice.OfNetwork, null, null, null);
        if (Start is null && _settings.Freeze != FreezeRule.Measured)
            return only;

        var distance = Probes.Distance(learned);
        var choice = only with { Learned = distance };
        if (Start is { } start && Probes.Distance(start) is var ofStart)
            choice = ofStart < distance
                ? choice with { Table = start, Taken = MaskChoice.AsGiven, Start = ofStart }
                : choice with { Start = ofStart };
        if (_settings.Freeze != FreezeRule.Measured)
            return choice;

        var measured = Measured(choice.Table);
        choice = choice with { Measured = Probes.Distance(measured) };
        return choice.Measured < Math.Min(distance, choice.Start ?? distance)
            ? choice with { Table = measured, Taken = MaskChoice.ByWorth }
            : choice;
    }

    private HardTable Measured(HardTable near)
    {
        var worth = GateWorth.Measure(_inputs.Backbone, _inputs.Teacher!, near, expert => _data.Aside(
            "alter-worth", expert, _options.ScoredImages,
            [.. Enumerable.Range(0, near.Route.Count).Where(timestep => near.Route[timestep] == expert)]));
        return MaskFreezer.Freeze(_network, near, worth, _costs, _options.Macs).Table;
    }
}
