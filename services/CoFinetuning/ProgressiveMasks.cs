using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;

namespace Mlops.CoFinetuning;

/// <summary>
/// EntPruner's progressive pruning (arXiv 2511.21122): at the start of each of k phases of equal length the layers are
/// scored on the weights of that moment, candidates between the present network and the target are compared without
/// training, and the best goes on; the last phase takes the target. Lengths and candidates are inferred: the text of
/// the paper was not to be found. Our change: a candidate is a budget in MACs and not a number of blocks, as layers of
/// a UNet differ in cost. It drops the layers of least summed deviation that free enough, which are those of least
/// deviation where costs are equal.
/// </summary>
internal sealed class ProgressiveMasks : MaskSource
{
    /// <summary>The method's name in plans.</summary>
    public const string Method = "entpruner";

    private const int Budgets = 3;

    private readonly CoFinetuneOptions _options;
    private readonly TrainingInputs _inputs;
    private readonly PhaseScores _scores;
    private readonly LayerCosts _costs;
    private readonly IReadOnlyList<long> _macs;
    private readonly long _total;
    private readonly long _target;
    private bool[] _run;

    /// <exception cref="InvalidDataException">There is a schedule.</exception>
    public ProgressiveMasks(TrainingInputs inputs, TrainingData data, CoFinetuneOptions options)
    {
        if (inputs.Plan is { } plan)
            throw new InvalidDataException(
                $"progressive pruning starts from all layers, not from a schedule of '{plan.Method}'; leave the "
                + "schedule out");
        (_inputs, _options) = (inputs, options);
        _scores = new PhaseScores(inputs.Backbone, data, options);
        _costs = inputs.LayerCosts();
        (_macs, _total) = (MacCounter.LayerCosts(inputs.Backbone), MacCounter.Count(inputs.Backbone).Macs);
        _target = (long)Math.Floor(_total * options.Macs);
        _run = [.. Layers.Select(_ => true)];
    }

    /// <inheritdoc/>
    public override HardTable Current => new([_run], new int[_inputs.Scheduler.TrainTimesteps]);

    /// <inheritdoc/>
    public override double Kept => _costs.KeptRatio(_run);

    /// <inheritdoc/>
    public override PruningPlan Plan => Current.ToPlan(Method, Layers, _costs);

    private IReadOnlyList<LayerInfo> Layers => _inputs.Backbone.Layers;

    /// <inheritdoc/>
    public override PhaseRecord? Begin(int step, CancellationToken cancellationToken)
    {
        var phase = Enumerable.Range(1, _options.Phases).FirstOrDefault(phase => FirstStep(phase) == step);
        if (phase == 0)
            return null;
        var kept = _total - _macs.Where((_, layer) => !_run[layer]).Sum();
        if (kept <= _target)
            return new PhaseRecord(
                phase, step, new Dictionary<string, double>(), [new((double)kept / _total, Kept, [])], 0);

        var entropy = _scores.Entropy(phase, step, _run, cancellationToken);
        var networks = Candidates(entropy, kept, phase == _options.Phases);
        CandidateRecord[] candidates = [.. networks.Select(network => new CandidateRecord(
            network.Budget, _costs.KeptRatio(network.Run), [.. Layers.Where(layer =>
                _run[layer.Index] && !network.Run[layer.Index]).Select(layer => layer.Name)]))];
        var chosen = 0;
        if (candidates.Length > 1)
        {
            var (ntk, zico) = _scores.ZeroShot(
                phase, step, [.. networks.Select(network => network.Run)], cancellationToken);
            var ranks = ZeroShotRanking.Sums(ntk, zico);
            chosen = ZeroShotRanking.Best(ranks);
            candidates = [.. candidates.Select((candidate, index) =>
                candidate with { Ntk = ntk[index], Zico = zico[index], RankSum = ranks[index] })];
        }

        var deviations = Layers.Where(layer => _run[layer.Index])
            .ToDictionary(layer => layer.Name, layer => entropy[layer.Index]);
        _run = networks[chosen].Run;
        return new PhaseRecord(phase, step, deviations, candidates, chosen);
    }

    /// <inheritdoc/>
    public override void Save(string folder) => MaskFile.Save(Current, folder);

    /// <inheritdoc/>
    public override void Load(string folder, FreezeRecord? frozen) => _run = MaskFile.Load(folder).Experts[0];

    private int FirstStep(int phase) => 1 + (int)((long)(phase - 1) * _options.StepCount / _options.Phases);

    /// <summary>Evenly from the present network to the target; the last phase has the target alone.</summary>
    private (double Budget, bool[] Run)[] Candidates(double[] entropy, long kept, bool isLast)
    {
        int[] left = [.. Layers.Select(layer => layer.Index).Where(layer => _run[layer])];
        var parts = Enumerable.Range(0, Budgets).Where(part => !isLast || part == Budgets - 1);
        // Of a target at the smallest ratio, which is a sum of doubles, the last MAC may be rounding.
        var need = Math.Min(kept - _target, left.Sum(layer => _macs[layer]));
        long[] needs = [.. parts.Select(part => need * part / (Budgets - 1))];
        var drops = LayerFront.Drop(
            [.. left.Select(layer => entropy[layer])], [.. left.Select(layer => _macs[layer])], needs);
        return
        [
            .. needs.Zip(drops, (need, drop) =>
            {
                var run = _run.ToArray();
                foreach (var index in drop)
                    run[left[index]] = false;
                return ((double)(kept - need) / _total, run);
            }).DistinctBy(candidate => string.Join(',', candidate.run)),
        ];
    }
}
