using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch.Steps;

/// <summary>Refuses a step table that cannot be made for a model, before anything is computed.</summary>
internal static class StepTableCheck
{
    private const string Ddim = "ddim";

    /// <summary>Looks at networks, budget, sampler and grid.</summary>
    /// <param name="roles">Of the job's inputs.</param>
    /// <returns>A table for the same sampling runs as the one that will be made; it calls the network at every step.
    /// </returns>
    /// <exception cref="ArgumentException">A sampler or grid does not fit the model.</exception>
    /// <exception cref="InvalidDataException">What is asked for cannot be made.</exception>
    public static StepTable Check(
        ScheduleSearchOptions options, StepMethod method, GivenShape given, IEnumerable<string> roles)
    {
        var smaller = SmallerNetwork.Check(options, roles);
        CheckBudget(options, method, given, smaller);
        var dense = SamplerNames.Resolve(given.Scheduler, options.Sampler);
        var name = SamplerNames.Resolve(given.Scheduler, options.TableSampler ?? options.Sampler);
        given.Sampler(dense, options.Steps, options.Guidance);
        CheckGrid(options, method, given.Sampler(name, options.TableSteps, options.Guidance));
        return new(
            name, options.Steps, options.Guidance, options.UseClippedModelOutput, options.Aim,
            [.. Enumerable.Repeat(new StepAction.Run(), options.TableSteps)])
        {
            DenseSampler = dense == name ? null : dense,
        };
    }

    /// <summary>Layers that steps between whole runs carry on; null where those forecast the output.</summary>
    public static StepAction.Partial? Between(
        StepMethod method, Denoiser model, ScheduleSearchOptions options) => method switch
    {
        StepMethod.LayerReuse or StepMethod.LayerThreshold => LayerPatterns.All(model, 0),
        StepMethod.LayerForecast => LayerPatterns.All(model, 1),
        StepMethod.InnerReuse => LayerPatterns.Inner(model, options.Outer),
        StepMethod.Solver when options.Between == ScheduleSearchOptions.Layers => LayerPatterns.All(model, 0),
        StepMethod.Solver when options.Between == ScheduleSearchOptions.Inner => LayerPatterns.Inner(
            model, options.Outer),
        _ => null,
    };

    private static void CheckBudget(
        ScheduleSearchOptions options, StepMethod method, GivenShape given, bool smaller)
    {
        var runs = Between(method, given.Network, options) is { } between
            ? LayerPatterns.Runs(given.Network, between, options.Steps, options.TotalMacs)
            // What the smaller network costs is not known yet, but it costs what all layers together leave.
            : (int)(StepBudget.Runs(options.TotalMacs, options.Steps)
                / (smaller ? LayerCosts.Of(given.Network).SmallestRatio : 1));
        if (method == StepMethod.Solver && given.Network.Routing is null)
            StepBudget.CheckGaps(runs, options.Steps);
    }

    private static void CheckGrid(ScheduleSearchOptions options, StepMethod method, NoiseScheduler sampler)
    {
        // The search for a solver tries DDIM on grids of its own, whatever the dense run takes.
        if (method == StepMethod.SolverSearch && sampler.Prediction != PredictionKind.Flow)
            StepProblems.TakingTimesteps(
                NoiseSchedulers.Convert(sampler, SamplerNames.ClassOf(Ddim)), options.UseClippedModelOutput);
        var own = options.Timesteps ?? (options.Grid is null or StepProblems.Tors
            ? null : NoiseSchedulers.Spaced(sampler, options.Grid, options.TableSteps));
        if (own is null && options.Grid != StepProblems.Tors)
            return;
        var taking = StepProblems.TakingTimesteps(sampler, options.UseClippedModelOutput);
        if (own is not null)
            taking.SetTimesteps(own.Count, taking.GridOf(own));
    }
}
