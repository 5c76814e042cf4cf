using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>The sampling runs that a search for a step table compares, from the options of its job.</summary>
internal sealed class StepProblems
{
    // As many consistent steps as make a trajectory that more steps no longer change.
    private const int FineSteps = 200;

    private const int CheckProbes = 24;

    /// <summary>The grid of equal rotation.</summary>
    public const string Tors = "tors";

    private const string Usual = "usual", Trailing = "trailing", Rotation = "step-grid";

    private readonly Denoiser _model;
    private readonly string _folder;
    private readonly JobContext _job;
    private readonly ScheduleSearchOptions _options;
    private readonly SmallerNetwork? _smaller;
    private RotationGrid? _rotation;
    private int? _runs;

    public StepProblems(
        Denoiser model, SmallerNetwork? smaller, string folder, JobContext job, ScheduleSearchOptions options)
    {
        (_model, _smaller, _folder, _job, _options) = (model, smaller, folder, job, options);
        Dense = On(options.Sampler, options.Steps);
        var exact = On(SamplerNames.Auto, FineSteps);
        Fine = exact with
        {
            Steps = Math.Min(FineSteps, exact.CreateScheduler().TrainTimesteps),
            Options = new StepOptions(UseClippedModelOutput: true),
        };
    }

    /// <summary>The dense run that a table replaces.</summary>
    public StepProblem Dense { get; }

    /// <summary>The true trajectory.</summary>
    public StepProblem Fine { get; }

    /// <summary>Evaluations of the network that measuring the rotation took.</summary>
    public long Evaluations { get; private set; }

    /// <summary>The sampler that takes timesteps of its own and does what another does.</summary>
    /// <exception cref="InvalidDataException">DDIM is not to take the noise from the clipped sample.</exception>
    public static NoiseScheduler TakingTimesteps(NoiseScheduler sampler, bool clipped) =>
        clipped || sampler is not DdimScheduler
            ? NoiseSchedulers.TakingTimesteps(sampler)
            : throw new InvalidDataException(
                "the grid puts ddim on timesteps of its own, where it must take the noise from the clipped sample; set "
                + "use-clipped-model-output, or choose another sampler");

    /// <summary>What the options ask for.</summary>
    public StepProblem Table(CancellationToken cancellationToken)
    {
        var problem = On(_options.TableSampler ?? _options.Sampler, _options.Steps);
        problem = _options.Timesteps is { } own ? At(problem, own) : Falling(problem, _options.TableSteps);
        if (_options.Grid is { } grid)
            problem = Gridded(
                problem, grid, CallsAll ? Runs(cancellationToken) : _options.Steps, cancellationToken);
        var scheduler = problem.CreateScheduler();
        return problem with
        {
            Dense = problem.Timesteps is null && problem.Sampler == Dense.Sampler ? null : Dense,
            // A coarser grid calls the network at each of its steps: there is nothing to choose.
            Variants = CallsAll ? null
                : _smaller?.Variants(scheduler, problem.Steps, problem.Guidance, problem.Timesteps)
                    ?? SmallerNetwork.Alone(_model, scheduler, problem.Steps, problem.Guidance, problem.Timesteps),
        };
    }

    /// <summary>Steps that run the network: as many as the budget is worth of the dense run's, or fewer where a given
    /// model routes, so that the steps of a coarser grid may be dearer than those.</summary>
    public int Runs(CancellationToken cancellationToken) => _runs ??= Affordable(cancellationToken);

    /// <summary>All samplers, grids and numbers of steps from as many as may run to all, which a search chooses among.
    /// </summary>
    public IReadOnlyList<(string Grid, StepProblem Problem)> Choices(CancellationToken cancellationToken)
    {
        var runs = StepBudget.Runs(_options.TotalMacs, _options.Steps);
        int[] counts = [runs, (int)Math.Round(Math.Sqrt(runs * _options.Steps)), _options.Steps];
        var flow = Dense.CreateScheduler().Prediction == PredictionKind.Flow;
        // Refused before the rotation is measured.
        var plain = Array.ConvertAll(flow ? (string[])[Dense.Sampler] : ["ddim", "dpm-solver"], sampler => counts
            .Distinct().Where(steps => StepBudget.Reaches(runs, steps))
            .Select(steps => Falling(On(sampler, steps), steps)).ToArray());
        return
        [
            .. from problems in plain
               from grid in (string[])[flow ? Usual : Trailing, Tors]
               from usual in problems
               let problem = Gridded(usual, grid, usual.Steps, cancellationToken) with { Dense = Dense }
               where grid != Tors || _rotation is not null
               select (grid, problem),
        ];
    }

    /// <summary>Noises of a purpose.</summary>
    public Probes Draw(string purpose) => Probes.Draw(
        _model, _job.Order.Seed, purpose,
        purpose switch
        {
            StepSearch.Check => _options.CheckProbes ?? CheckProbes,
            // As many numbers as steps are fitted at once.
            StepSearch.Factors => 2 * _options.Probes,
            _ => _options.Probes,
        });

    // A coarser grid.
    private bool CallsAll => _options.StepMethod == StepMethod.FewerSteps;

    private int Affordable(CancellationToken cancellationToken)
    {
        var runs = StepBudget.Runs(_options.TotalMacs, _options.Steps);
        if (!CallsAll || _options.Timesteps is not null || _model.Routing is null)
            return runs;
        var budget = StepBudget.Macs(_options.TotalMacs, Price(Dense));
        while (runs > StepBudget.FewestRuns && Price(Coarser(runs)) > budget)
            runs--;
        return runs;

        StepProblem Coarser(int steps) => On(_options.TableSampler ?? _options.Sampler, steps) is var problem
            && _options.Grid is { } grid ? Gridded(problem, grid, steps, cancellationToken) : problem;

        long Price(StepProblem problem) => SmallerNetwork.Alone(
            _model, problem.CreateScheduler(), problem.Steps, problem.Guidance, problem.Timesteps)!.Macs[0].Sum();
    }

    private StepProblem On(string name, int steps)
    {
        var sampler = SamplerNames.Resolve(_folder, name);
        return new StepProblem(
            sampler, () => SamplerNames.Load(_folder, sampler), Guidance.Of(_model, _options.Guidance),
            _options.Guidance, steps, new StepOptions(UseClippedModelOutput: _options.UseClippedModelOutput),
            _job.Order.Seed);
    }

    /// <summary>The same problem; refuses a sampler whose usual grid no table can follow.</summary>
    private static StepProblem Falling(StepProblem problem, int steps)
    {
        var scheduler = problem.CreateScheduler();
        scheduler.SetTimesteps(steps);
        StepTable.CheckGrid(problem.Sampler, steps, scheduler.Timesteps);
        return problem;
    }

    private StepProblem Gridded(StepProblem problem, string grid, int steps, CancellationToken cancellationToken) =>
        grid switch
        {
            Usual => problem,
            Tors when Turned(cancellationToken) is { } turned => At(problem, turned.Timesteps(
                steps, First(problem), problem.CreateScheduler().Prediction == PredictionKind.Flow ? 1 : 0)),
            Tors => problem,
            _ => NoiseSchedulers.Spaced(problem.CreateScheduler(), grid, steps) is { } own ? At(problem, own) : problem,
        };

    private RotationGrid? Turned(CancellationToken cancellationToken)
    {
        if (Evaluations > 0)
            return _rotation;
        using var scope = TorchSharp.torch.NewDisposeScope();
        var probes = Draw(Rotation);
        _rotation = RotationGrid.Measure(Fine, probes, cancellationToken);
        Evaluations = (long)probes.Count * Fine.Steps;
        if (_rotation is null)
            _job.Warn("the trajectories are straight, so that no grid turns them evenly; the usual one is taken");
        return _rotation;
    }

    private static StepProblem At(StepProblem problem, IReadOnlyList<int> timesteps)
    {
        var scheduler = TakingTimesteps(problem.CreateScheduler(), problem.Options.UseClippedModelOutput);
        scheduler.SetTimesteps(timesteps.Count, scheduler.GridOf(timesteps));
        return problem with { Timesteps = timesteps };
    }

    // Where the sampler begins when it makes many steps; with few, some spacings begin far below.
    private int First(StepProblem problem)
    {
        var scheduler = problem.CreateScheduler();
        scheduler.SetTimesteps(Fine.Steps);
        return (int)Math.Round(scheduler.Timesteps[0]);
    }
}
