using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Follows a step table through one sampling run; keeps the last outputs of the network, guidance applied, so
/// that a pair of guidance branches costs no memory here.</summary>
public sealed class StepRun
{
    private readonly StepTable _table;
    private readonly PredictionKind _network;
    private readonly Func<int, Prediction>? _variants;
    private readonly Func<LayerControl, Prediction>? _layers;
    private readonly LayerCache _cache;
    private readonly int _kept;
    private readonly List<OutputSnapshot> _runs = [];     // newest last

    private StepRun(
        StepTable table, PredictionKind network, Func<int, Prediction>? variants,
        Func<LayerControl, Prediction>? layers)
    {
        (_table, _network, _variants, _layers, _cache) = (table, network, variants, layers, new(table.Actions));
        _kept = table.Actions.OfType<StepAction.Forecast>().Max(forecast => (int?)forecast.Outputs) ?? 1;
    }

    /// <summary>A sampler that follows a table.</summary>
    /// <param name="table">One action per step.</param>
    /// <param name="scheduler">Of the method that the table names.</param>
    /// <param name="options">With the table's number of steps.</param>
    /// <param name="guidance">What the network that will be sampled has applied.</param>
    /// <param name="variants">From a plan's variant to its network, guidance applied; null if it has one.</param>
    /// <param name="layers">The network, guidance applied, with something done to its layers; null where no step
    /// carries any on.</param>
    /// <exception cref="InvalidDataException">The table is for another sampler, step count or guidance.</exception>
    public static Sampler Sampler(
        StepTable table, NoiseScheduler scheduler, SamplerOptions options, double guidance = 1,
        Func<int, Prediction>? variants = null, Func<LayerControl, Prediction>? layers = null)
    {
        table.CheckRun(
            SamplerNames.NameOf(scheduler), options.Steps, guidance, options.Step?.UseClippedModelOutput ?? false);
        if (options.Grid is not null)
            throw new InvalidDataException("a step table brings its own grid; leave another one out");
        return new Sampler(scheduler, options with { Grid = scheduler.GridOf(table.Timesteps) })
        {
            Outputs = () => new StepRun(table, scheduler.Prediction, variants, layers).Output,
        };
    }

    private Tensor Output(OutputRequest request) => _table.Actions[request.Step] switch
    {
        StepAction.Run run => Run(request, run.Variant),
        StepAction.Partial partial => request.Run(Controlled(request.Step, partial)),
        StepAction.Forecast forecast => OutputForecast.Output(
            forecast, _network, _runs, request.Step, request.Input, request.Level),
        var other => throw new InvalidOperationException($"a step cannot do {other}"),
    };

    private Tensor Run(OutputRequest request, int variant)
    {
        var output = request.Run(_cache.IsNeeded ? Controlled(request.Step, null) : _variants?.Invoke(variant));
        if (_runs.Count == _kept)
        {
            _runs[0].Dispose();
            _runs.RemoveAt(0);
        }

        // Into the scope of the whole run, which ends them.
        _runs.Add(new(
            request.Step, output.alias().MoveToOuterDisposeScope(), request.Input.alias().MoveToOuterDisposeScope(),
            request.Level));
        return output;
    }

    private Prediction Controlled(int step, StepAction.Partial? partial) => _layers?.Invoke(_cache.At(step, partial))
        ?? throw new InvalidOperationException("a table that carries layers on needs the network's layers");
}
