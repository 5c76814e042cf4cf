using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>A sampler: which timesteps are visited and how one denoising step moves the state.</summary>
public interface INoiseScheduler
{
    /// <summary>The options it was made from, to be saved beside a model.</summary>
    SchedulerOptions Options { get; }

    /// <summary>What it expects the network to predict.</summary>
    PredictionKind Prediction { get; }

    /// <summary>T, the number of native training timesteps.</summary>
    int TrainTimesteps { get; }

    /// <summary>The training schedule of variance-preserving models; null for flow matching.</summary>
    BetaTable? Table { get; }

    /// <summary>Model times of the current grid, in the order of the steps; empty before <see
    /// cref="SetTimesteps"/>.</summary>
    IReadOnlyList<double> Timesteps { get; }

    /// <summary>Noise levels of the current grid, one more than steps; empty for methods without them.</summary>
    IReadOnlyList<double> Sigmas { get; }

    /// <summary>Standard deviation of the start noise.</summary>
    double InitNoiseSigma { get; }

    /// <summary>Whether model times are whole numbers (an int64 tensor) rather than fractions (float32).</summary>
    bool WholeTimesteps { get; }

    /// <summary>Lays the grid and forgets the history of an earlier run.</summary>
    /// <exception cref="ArgumentException">the grid is impossible for this class.</exception>
    void SetTimesteps(int steps, GridOptions? grid = null);

    /// <summary>The row of a routing table that belongs to a step, in [0, T−1].</summary>
    long NativeTimestep(int step);

    /// <summary>The network's input for a state; belongs to the caller's dispose scope.</summary>
    Tensor ScaleModelInput(Tensor sample, int step);

    /// <summary>Whether <see cref="Step"/> will use noise at this step.</summary>
    bool NeedsNoise(int step, StepOptions options);

    /// <summary>The next state [N, C, …]; belongs to the caller's dispose scope. Steps are taken in order from
    /// 0.</summary>
    /// <param name="modelOutput">The network's output, guidance already applied.</param>
    /// <param name="step">Index into <see cref="Timesteps"/>.</param>
    /// <param name="sample">The state that the output was computed for.</param>
    /// <param name="noise">Standard normal, shape of the state; needed where <see cref="NeedsNoise"/> says so.</param>
    /// <param name="options">Options of the method; null for the defaults.</param>
    Tensor Step(Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null);

    /// <summary>Noised samples, as the reference library's method of that name; belongs to the caller's dispose
    /// scope.</summary>
    /// <param name="clean">Samples [N, C, …].</param>
    /// <param name="noise">Standard normal, same shape.</param>
    /// <param name="timesteps">One entry per sample, taken from the grid (Euler, flow) or native (DDPM, DDIM).</param>
    Tensor AddNoise(Tensor clean, Tensor noise, Tensor timesteps);
}
