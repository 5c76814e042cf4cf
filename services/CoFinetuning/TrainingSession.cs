using System.Text.Json;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>
/// The training loop's state and its one step. ALTER's single-stage co-optimisation (arXiv 2505.21817, section 3.4):
/// the backbone learns under the current hard masks and, inside the window, the hypernetwork under soft ones on the
/// same images; then the masks are frozen on the budget and the backbone goes on alone. Without a hypernetwork what is
/// left is distillation, and without a teacher plain training.
/// </summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly CoFinetuneOptions _options;
    private readonly TrainingInputs _inputs;
    private readonly BatchSource _batches;
    private readonly BackboneStep _backboneStep;
    private readonly TrainedPart _backbone;
    private readonly AlterPart? _alter;
    private readonly double _studentKept;

    /// <exception cref="InvalidDataException">The budget cannot be reached, or the inputs do not fit.</exception>
    public TrainingSession(TrainingInputs inputs, CoFinetuneOptions options, long seed)
    {
        (_inputs, _options) = (inputs, options);
        _batches = new BatchSource(inputs, options.BatchSize, seed);
        _backbone = new TrainedPart(
            "backbone", inputs.Backbone, inputs.Placement.Dtype, options.BackboneRate, options.WeightDecay,
            options.ClipNorm, options.EmaDecay);
        _backboneStep = new BackboneStep(inputs.Backbone, inputs.Teacher, options.Distillation);
        _alter = options.Mode == TrainingMode.Alter ? new AlterPart(inputs, options, seed) : null;
        Table = _alter?.Steps.Redraw(0) ?? inputs.PlanTable;
        _studentKept = _alter is null ? inputs.StudentKept() : 1;
    }

    /// <summary>Steps that are done.</summary>
    public int Step { get; private set; }

    /// <summary>Loss curves so far.</summary>
    public History History { get; private set; } = new();

    /// <summary>The hard masks of the next backbone step; null runs every layer.</summary>
    public HardTable? Table { get; private set; }

    /// <summary>One step of the loop.</summary>
    /// <exception cref="InvalidDataException">Training has become unsound; the message says what to change.</exception>
    public HistoryRow Advance()
    {
        var step = Step + 1;
        using var scope = NewDisposeScope();
        var images = _batches.Clean(step);
        var loss = _backboneStep.Backward(_batches.Noised(images, "train", step), Table);
        Require(loss, "the training loss", "learning-rate", _options.BackboneRate.Peak, step);
        _backbone.Update(step);
        var row = new HistoryRow(step, loss, _alter is null ? _studentKept : Table!.KeptRatio(_alter.Costs));
        if (_alter is not null && step <= _options.Window)
            row = AdvanceHypernetwork(row, images);
        History.Rows.Add(row);
        Step = step;
        return row;
    }

    /// <summary>Writes everything that the next step depends on.</summary>
    public void Save(string folder)
    {
        _backbone.Save(folder);
        _alter?.Part.Save(folder);
        History.Save(folder);
        if (_alter is not null)
            TableFile.Save(Table!, folder);
        File.WriteAllText(Path.Combine(folder, "state.json"), JsonSerializer.Serialize(new { step = Step }));
    }

    /// <summary>Goes on from what <see cref="Save"/> wrote.</summary>
    public void Load(string folder)
    {
        _backbone.Load(folder);
        _alter?.Part.Load(folder);
        History = History.Load(folder);
        if (_alter is not null)
            Table = TableFile.Load(folder);
        using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "state.json")));
        Step = state.RootElement.GetProperty("step").GetInt32();
    }

    /// <summary>Writes the artifact: weights (averaged if an average is kept), masks, loss curves.</summary>
    public void Write(string folder)
    {
        _backbone.Finish();
        _inputs.SaveModel(folder);
        History.Save(folder);
        if (_alter is not null)
            PlanFile.Save(Table!.ToPlan("alter", _inputs.Backbone.Layers, _alter.Costs), folder);
        else if (_inputs.Plan is { } plan)
            PlanFile.Save(plan, folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _backbone.Dispose();
        _alter?.Dispose();
    }

    private HistoryRow AdvanceHypernetwork(HistoryRow row, (Tensor Images, Tensor Labels) images)
    {
        var losses = _alter!.Steps.Backward(_batches.Noised(images, "hyper", row.Step), row.Step);
        Require(losses.Total, "the hypernetwork's loss", "hyper-learning-rate", _options.HyperLearningRate, row.Step);
        _alter.Part.Update(row.Step);
        if (row.Step < _options.Window)
            Table = _alter.Steps.Redraw(row.Step);
        else
            (Table, History.Frozen) = _alter.Steps.Close(row.Step);
        return row with
        {
            Soft = losses.Soft, Performance = losses.Performance, Ratio = losses.Ratio, Balance = losses.Balance,
        };
    }

    private static void Require(double loss, string what, string option, double value, int step)
    {
        if (!double.IsFinite(loss))
            throw new InvalidDataException(FormattableString.Invariant(
                $"{what} is {loss} at step {step}; lower {option} (now {value}), or look for broken weights"));
    }
}
