using System.Text.Json;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>
/// The training loop's state and its one step. ALTER's single-stage co-optimization (arXiv 2505.21817, section 3.4):
/// the backbone learns under the current hard masks, and the masks learn on the same images until they are frozen; then
/// the backbone goes on alone. With given masks what is left is distillation, and without a teacher plain training;
/// EntPruner takes layers out of that at the start of each phase.
/// </summary>
internal sealed class TrainingLoop : IDisposable
{
    private readonly CoFinetuneOptions _options;
    private readonly TrainingInputs _inputs;
    private readonly TrainingData _data;
    private readonly BackboneStep _backboneStep;
    private readonly ModuleTrainer _backbone;
    private readonly MaskSource _masks;

    /// <exception cref="InvalidDataException">The inputs do not fit.</exception>
    public TrainingLoop(TrainingInputs inputs, CoFinetuneOptions options, long seed)
    {
        (_inputs, _options) = (inputs, options);
        _data = new TrainingData(inputs, options.Images, options.LabelDropout, seed);
        _backbone = new ModuleTrainer(
            "backbone", inputs.Backbone, inputs.Placement.Dtype, options.BackboneRate, options.WeightDecay,
            options.ClipNorm, options.AverageDecay);
        _backboneStep = new BackboneStep(
            inputs.Backbone, inputs.Teacher, options.DistillationOf(inputs.Backbone));
        _masks = options.Mode switch
        {
            TrainingMode.Alter => new LearnedMasks(inputs, _data, options, seed),
            TrainingMode.Progressive => new ProgressiveMasks(inputs, _data, options),
            _ => new FixedMasks(inputs),
        };
    }

    /// <summary>Steps that are done.</summary>
    public int Step { get; private set; }

    /// <summary>Loss curves so far.</summary>
    public LossCurves Curves { get; private set; } = new();

    /// <summary>One step of the loop.</summary>
    /// <exception cref="InvalidDataException">Training has become unsound; the message says what to change.</exception>
    /// <exception cref="OperationCanceledException">Nothing of the step was done.</exception>
    public LossRow Advance(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var step = Step + 1;
        using var scope = NewDisposeScope();
        Begin(step, cancellationToken);
        var images = _data.Images(step);
        var loss = _backboneStep.Backward(_data.Noised(images, "train", step), _masks.Current);
        Require(loss, "the training loss", "learning-rate", _options.BackboneRate.Peak, step);
        _backbone.Update(step);
        var row = _masks.Learn(new LossRow(step, loss, _masks.Kept), images);
        Curves.Rows.Add(row);
        Curves.Frozen = _masks.Frozen;
        Step = step;
        return row;
    }

    /// <summary>Writes everything that the next step depends on.</summary>
    public void Save(string folder)
    {
        _backbone.Save(folder);
        _masks.Save(folder);
        Curves.Save(folder);
        File.WriteAllText(Path.Combine(folder, "state.json"), JsonSerializer.Serialize(new { step = Step }));
    }

    /// <summary>Goes on from what <see cref="Save"/> wrote.</summary>
    public void Load(string folder)
    {
        _backbone.Load(folder);
        Curves = LossCurves.Load(folder);
        _masks.Load(folder, Curves.Frozen);
        using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "state.json")));
        Step = state.RootElement.GetProperty("step").GetInt32();
    }

    /// <summary>Writes the artifact: weights (averaged if an average is kept), plan, loss curves; or the start, if that
    /// was better.</summary>
    public void Write(string folder)
    {
        _backbone.Finish();
        Curves.Outcome = _masks.Judge();
        _inputs.SaveModel(folder, _masks.Plan);
        Curves.Save(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _backbone.Dispose();
        _masks.Dispose();
    }

    // An average over weights of another network would be none of this one's.
    private void Begin(int step, CancellationToken cancellationToken)
    {
        if (_masks.Begin(step, cancellationToken) is not { } phase)
            return;
        Curves.Phases.Add(phase);
        if (phase.Dropped.Count > 0)
            _backbone.RestartAverage();
    }

    /// <summary>Ends training at a loss that is not a number.</summary>
    /// <exception cref="InvalidDataException">It is none; the message names the option that may help.</exception>
    internal static void Require(double loss, string what, string option, double value, int step)
    {
        if (!double.IsFinite(loss))
            throw new InvalidDataException(FormattableString.Invariant(
                $"{what} is {loss} at step {step}; lower {option} (now {value}), or look for broken weights"));
    }
}
