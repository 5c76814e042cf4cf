using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>
/// Starts a hypernetwork from a schedule that a search found, instead of from the dense network: its logits are fitted
/// to the schedule's table before co-optimization begins. Not part of the paper; it joins ALTER to Diff-ES.
/// </summary>
public static class ScheduleStart
{
    // L + b of a kept and of a dropped layer: decided (P(keep) 0.9994 and 0.05; 0.95 and 0.05 with logistic noise), yet
    // near enough to change its mind.
    private const double Kept = 2, KeptByLogistic = 3, Dropped = -3;

    /// <summary>Experts that a schedule needs: one per interval of an affine router, or else one per variant.</summary>
    public static int Experts(RouterKind router, HardTable schedule) =>
        router == RouterKind.Affine ? schedule.Segments() : schedule.Experts.Count;

    /// <summary>Fits the network to the table by Adam, which takes about a second; borders of intervals are set.
    /// </summary>
    /// <returns>The table with the network's experts: for an affine router one per interval.</returns>
    /// <exception cref="InvalidDataException">The table has more variants, or intervals, than the network has experts.
    /// </exception>
    public static HardTable Imitate(
        AlterNetwork network, HardTable schedule, int steps = 300, double learningRate = 1e-2)
    {
        if (schedule.Experts.Count > network.Sizes.Experts)
            throw new InvalidDataException(
                $"the schedule has {schedule.Experts.Count} variants but the hypernetwork {network.Sizes.Experts} "
                + "experts; raise the option experts to at least the number of variants");
        if (schedule.Route.Count != network.Timesteps)
            throw new InvalidDataException(
                $"the schedule covers {schedule.Route.Count} native timesteps but the model has {network.Timesteps}; "
                + "use a schedule that was searched for this model");

        if (network.Intervals is { } router)
            router.StartFrom(schedule = schedule.Intervals(network.Sizes.Experts));
        using var all = NewDisposeScope();
        var used = schedule.Experts.Count;
        var kept = network.Sizes.LogisticNoise ? KeptByLogistic : Kept;
        var wanted = tensor(
            schedule.Experts.SelectMany(mask => mask).Select(run => (float)(run ? kept : Dropped)).ToArray(),
            [used, network.Layers], device: network.Device);
        var expertAt = tensor(
            schedule.Route.Select(expert => (long)expert).ToArray(), [network.Timesteps], device: network.Device);
        using var optimizer = optim.Adam(network.parameters(), learningRate);
        for (var step = 0; step < steps; step++)
        {
            using var scope = NewDisposeScope();
            network.zero_grad();
            var gates = network.ExpertLogits().narrow(0, 0, used) + network.Sizes.Offset;
            var loss = nn.functional.mse_loss(gates, wanted);
            if (network.Intervals is null)
                loss = loss + nn.functional.cross_entropy(network.RouterLogits(), expertAt);
            loss.backward();
            optimizer.step();
        }

        network.zero_grad();
        return schedule;
    }
}
