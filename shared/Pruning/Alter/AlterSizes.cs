namespace Mlops.Pruning.Alter;

/// <summary>Sizes and constants of ALTER's hypernetwork (arXiv 2505.21817, appendix and code).</summary>
/// <param name="Experts">N_e: how many masks the timesteps may choose from.</param>
/// <param name="Input">d: width of the frozen embedding of each (expert, layer) pair.</param>
/// <param name="ExpertHidden">Hidden width of the expert generator.</param>
/// <param name="RouterHidden">Hidden width of the temporal router.</param>
/// <param name="Tau">Temperature of both Gumbel draws.</param>
/// <param name="Offset">b: keeps every mask at 1 in a fresh network.</param>
public sealed record AlterSizes(
    int Experts = 10, int Input = 64, int ExpertHidden = 256, int RouterHidden = 64, double Tau = 0.4,
    double Offset = 4);
