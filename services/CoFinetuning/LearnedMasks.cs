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

    // Images on which the worth of an expert's gates is measured.
    private const int WorthImages = 32;

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

    /// <exception cref="InvalidDataException">The budget cannot be
    /// reached, or the schedule is none of skips.</exception>
    public LearnedMasks(TrainingInputs inputs, TrainingData data, CoFinetuneOptions options, long seed)
    {
        (_inputs, _data, _options, _seed) = (inputs, data, options, seed);
        var teacher = inputs.Teacher ?? throw new InvalidOperationException("co-optimization needs the dense teacher");
        _costs = inputs.LayerCosts();
        _costs.Target(options.Macs);
        var schedule = _schedule = inputs.PlanTable;
        var settings = _settings = options.Alter;
        var sizes = options.Experts is null && schedule?.Experts.Count > settings.Sizes.Experts
            ? settings.Sizes with { Experts = schedule.Experts.Count }
            : settings.Sizes;
        using (var scope = NewDisposeScope())
            _network = new AlterNetwork(
                inputs.Backbone.Layers.Count, TimestepTable.Compute(
                    inputs.Backbone, inputs.Scheduler.TrainTimesteps, inputs.Placement.Device), sizes, seed);
        if (schedule is not null)
            ScheduleStart.Imitate(_network, schedule);
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
        _step.Dispose();
        _trainer.Dispose();
        _network.Dispose();
    }

    private HardTable Draw(int step)
    {
        if (!_settings.WindowNoise)
            return _network.Hard();

        using var generator = new Generator(Seeds.Of(_seed, "alter-table", step));
        return _network.Hard(generator);
    }

    // Ends the window, and measures how decided the masks were. Where several tables keep the budget, the one is frozen
    // whose samples are nearest to the teacher's: a schedule that was given is not given up for less.
    private void Freeze(int step)
    {
        using var first = new Generator(Seeds.Of(_seed, "alter-flips", 0));
        using var second = new Generator(Seeds.Of(_seed, "alter-flips", 1));
        var learned = MaskFreezer.Freeze(_network, _costs, _options.Macs);
        var start = _schedule is { } schedule && schedule.KeptRatio(_costs) is var kept
            && kept <= _options.Macs + Rounding ? new FrozenMasks(schedule, double.NaN, kept) : null;
        var tried = new List<(FrozenMasks Masks, double Distance)>();
        double? ofLearned = null, ofStart = null, ofMeasured = null;
        if (start is not null || _settings.MeasuredFreeze)
            ofLearned = Try(learned);
        if (start is not null)
            ofStart = Try(start);
        if (_settings.MeasuredFreeze)
            ofMeasured = Try(Measured(Nearest()));

        var frozen = tried.Count == 0 ? learned : Nearest();
        _current = frozen.Table;
        _frozen = FreezeRecord.Of(
            step, frozen with { Threshold = learned.Threshold }, _network.Sizes.Median, _network.Hard(first),
            _network.Hard(second)) with
        {
            Learned = ofLearned, Measured = ofMeasured, Start = ofStart,
        };

        double Try(FrozenMasks masks)
        {
            var distance = MaskProbes.Distance(_inputs, _seed, masks.Table);
            tried.Add((masks, distance));
            return distance;
        }

        FrozenMasks Nearest() => tried.MinBy(each => each.Distance).Masks;
    }

    private FrozenMasks Measured(FrozenMasks near)
    {
        using var scope = NewDisposeScope();
        var table = near.Table;
        var worth = GateWorth.Measure(_inputs.Backbone, _inputs.Teacher!, table, expert => _data.Aside(
            "alter-worth", expert, WorthImages,
            [.. Enumerable.Range(0, table.Route.Count).Where(timestep => table.Route[timestep] == expert)]));
        return MaskFreezer.Freeze(_network, table, worth, _costs, _options.Macs);
    }
}
