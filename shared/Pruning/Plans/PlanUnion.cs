using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Steps;

namespace Mlops.Pruning.Plans;

/// <summary>
/// The plan of a model that was pruned twice, in terms of the dense network: at each native timestep it lacks what
/// either plan leaves out. A step table stays, whichever of the two has it; its runs take the second plan's variant of
/// their timestep as well.
/// </summary>
public static class PlanUnion
{
    /// <summary>What both plans leave.</summary>
    /// <param name="given">Of the model that was pruned again; null if that was dense.</param>
    /// <param name="then">In terms of that model.</param>
    /// <param name="schedulerJson">Text of scheduler_config.json: where the steps of a table are.</param>
    /// <exception cref="InvalidDataException">Both have a step table, they are of unlike lengths, or the second is only
    /// for a dense model.</exception>
    public static PruningPlan Of(PruningPlan? given, PruningPlan then, string schedulerJson)
    {
        if (given is null)
            return then;
        if (then.Steps is not null)
            GivenModel.RefuseTable(given);
        if (then.CarriesLayers)
            GivenModel.RefuseAny(given, "a table that carries on layers");
        if (then.RoutesChannels)
            GivenModel.RefuseAny(given, "a plan of other heads and neurons at other timesteps");
        if (given.Timesteps != then.Timesteps)
            throw new InvalidDataException(
                $"the model's own plan covers {given.Timesteps} native timesteps but the new one {then.Timesteps}; "
                + "use a plan that was made for this model");
        var table = given.Steps ?? then.Steps;
        PlanVariant[] rows = [.. given.VariantsAt.Zip(then.VariantsAt, (first, second) =>
            Union(given.Variants[first], then.Variants[second]))];
        var times = table is null ? [] : Timesteps(table, schedulerJson);
        for (var step = 0; step < times.Length; step++)
            if (table!.Actions[step] is StepAction.Run run)
                rows[times[step]] = given.Steps is null
                    ? Union(given.Variants[given.VariantAt(times[step])], then.Variants[run.Variant])
                    : Union(given.Variants[run.Variant], then.Variants[then.VariantAt(times[step])]);
        var made = PruningPlan.FromTable(
            $"{given.Method} + {then.Method}", rows, given.KeptRatio * then.KeptRatio);
        var index = made.Variants.ToList();
        return table is null ? made : made.WithSteps(table with
        {
            Actions = [.. table.Actions.Select((action, step) => action is StepAction.Run run
                ? run with { Variant = index.IndexOf(rows[times[step]]) } : action)],
        });
    }

    private static PlanVariant Union(PlanVariant given, PlanVariant then)
    {
        var keep = new Dictionary<string, IReadOnlyList<long>>(given.Keep, StringComparer.Ordinal);
        foreach (var (root, channels) in then.Keep)
            keep[root] = given.Keep.TryGetValue(root, out var dense)
                ? [.. channels.Select(channel => dense[(int)channel])]
                : channels;
        return new PlanVariant(given.Skip.Concat(then.Skip), keep, then.Pack);
    }

    private static long[] Timesteps(StepTable table, string schedulerJson) =>
        NoiseSchedulers.Convert(NoiseSchedulers.Parse(schedulerJson), SamplerNames.ClassOf(table.Sampler))
            .NativeTimesteps(table.Steps, table.Timesteps);
}
