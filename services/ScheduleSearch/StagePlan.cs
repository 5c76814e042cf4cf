using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;

namespace Mlops.ScheduleSearch;

/// <summary>The plan of one level per stage, and the weights of levels that have their own.</summary>
internal static class StagePlan
{
    /// <summary>Writes both.</summary>
    /// <param name="method">Of the plan.</param>
    public static async Task<PruningPlan> WriteAsync(
        JobContext job, ComputeSlot compute, StageLevels levels, IReadOnlyList<int> chosen, string method,
        string outputFolder, CancellationToken cancellationToken)
    {
        var plan = levels.ToPlan(chosen, method);
        PlanFile.Save(plan, outputFolder);
        if (plan.Packs.Count == 0)
            return plan;
        var (model, scores) = (
            await job.FolderAsync("model", cancellationToken), await job.FolderAsync("scores", cancellationToken));
        await compute.RunAsync(
            () =>
            {
                using var network = GivenModel.Load(model);
                using var packs = CompensatedLevels.Of(levels, network, scores)!;
                packs.Save(outputFolder, plan.Packs);
                return Task.CompletedTask;
            },
            cancellationToken);
        return plan;
    }
}
