using System.Text.Json.Nodes;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Options of one sampler step; a scheduler ignores those of other methods.</summary>
/// <param name="Eta">DDIM: 0 is deterministic, 1 has DDPM's variance (Song et al. 2020, equation 16).</param>
/// <param name="UseClippedModelOutput">DDIM: recompute ε from the clipped x_0.</param>
/// <param name="SChurn">Euler: noise added per step (Karras et al. 2022, algorithm 2).</param>
/// <param name="STmin">Euler: churn only for σ at or above this.</param>
/// <param name="STmax">Euler: churn only for σ at or below this.</param>
/// <param name="SNoise">Euler: scale of the added noise.</param>
public sealed record StepOptions(
    double Eta = 0,
    bool UseClippedModelOutput = false,
    double SChurn = 0,
    double STmin = 0,
    double STmax = double.PositiveInfinity,
    double SNoise = 1)
{
    /// <summary>Deterministic where the method allows it.</summary>
    public static readonly StepOptions Default = new();

    /// <summary>Reads the reference library's argument names (<c>eta</c>, <c>s_churn</c>, …).</summary>
    /// <exception cref="ArgumentException">an argument is unknown.</exception>
    public static StepOptions Read(JsonObject? json)
    {
        var options = new SchedulerOptions(json ?? []);
        var read = new StepOptions(
            options.Number("eta", 0),
            options.Flag("use_clipped_model_output", false),
            options.Number("s_churn", 0),
            options.Number("s_tmin", 0),
            options.Number("s_tmax", double.PositiveInfinity),
            options.Number("s_noise", 1));
        options.RefuseUnknown();
        return read;
    }
}

/// <summary>What a caller may say about the grid of a sampling run beyond its number of steps.</summary>
/// <param name="Timesteps">Own native timesteps, descending.</param>
/// <param name="Sigmas">Own noise levels, descending; Euler's end
/// with the last one, flow matching's without the zero.</param>
/// <param name="Mu">Flow matching: the resolution dependent shift.</param>
public sealed record GridOptions(
    IReadOnlyList<double>? Timesteps = null, IReadOnlyList<double>? Sigmas = null, double? Mu = null)
{
    /// <summary>Nothing beyond the number of steps.</summary>
    public static readonly GridOptions None = new();

    /// <summary>Reads <c>timesteps</c>, <c>sigmas</c> and <c>mu</c>.</summary>
    /// <exception cref="ArgumentException">an argument is unknown.</exception>
    public static GridOptions Read(JsonObject? json)
    {
        var options = new SchedulerOptions(json ?? []);
        var read = new GridOptions(options.Numbers("timesteps"), options.Numbers("sigmas"), options.NumberOrNull("mu"));
        options.RefuseUnknown();
        return read;
    }

    /// <summary>Refuses what a class cannot do.</summary>
    /// <exception cref="ArgumentException">names the argument.</exception>
    public void Allow(string className, bool timesteps = false, bool sigmas = false, bool mu = false)
    {
        var refused = Timesteps is not null && !timesteps ? "timesteps"
            : Sigmas is not null && !sigmas ? "sigmas"
            : Mu is not null && !mu ? "mu" : null;
        if (refused is not null)
            throw new ArgumentException($"{className} cannot take {refused} for its sampling grid; leave it out.");
        if (Timesteps is not null && Sigmas is not null)
            throw new ArgumentException($"{className} takes either timesteps or sigmas for its sampling grid, "
                + "not both.");
    }
}
