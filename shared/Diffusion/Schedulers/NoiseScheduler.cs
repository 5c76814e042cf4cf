using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>A sampler: which timesteps are visited and how one denoising step moves the state.</summary>
/// <param name="prediction">What it expects the network to predict.</param>
/// <param name="schedule">The training schedule of variance-preserving models; null for flow matching.</param>
public abstract class NoiseScheduler(SchedulerOptions options, PredictionKind prediction, NoiseSchedule? schedule)
{
    /// <summary>The options it was made from, to be saved beside a model.</summary>
    public SchedulerOptions Options => options;

    /// <summary>What it expects the network to predict.</summary>
    public PredictionKind Prediction => prediction;

    /// <summary>The training schedule of variance-preserving models; null for flow matching.</summary>
    public virtual NoiseSchedule? Schedule => schedule;

    /// <summary>ᾱ_t of the training schedule; only for classes that have one.</summary>
    protected float[] AlphaBars => schedule!.AlphaBars;

    /// <summary>T, the number of native training timesteps.</summary>
    public int TrainTimesteps { get; } =
        schedule?.Count ?? options.Whole("num_train_timesteps", 1000, 1, NoiseSchedule.MaxTimesteps);

    /// <summary>Model times of the current grid, in the order of the
    /// steps; empty before <see cref="SetTimesteps"/>.</summary>
    public IReadOnlyList<double> Timesteps { get; protected set; } = [];

    /// <summary>Noise levels of the current grid, one more than steps; empty for methods without them.</summary>
    public IReadOnlyList<double> Sigmas { get; protected set; } = [];

    /// <summary>Standard deviation of the start noise.</summary>
    public virtual double InitNoiseSigma => 1;

    /// <summary>Whether model times are whole numbers (an int64 tensor) rather than fractions (float32).</summary>
    public virtual bool WholeTimesteps => true;

    /// <summary>Lays the grid and forgets the history of an earlier run.</summary>
    /// <exception cref="ArgumentException">the grid is impossible for this class.</exception>
    public abstract void SetTimesteps(int steps, GridOptions? grid = null);

    /// <summary>What <see cref="SetTimesteps"/> wants for native timesteps of one's own; null for null.</summary>
    public virtual GridOptions? GridOf(IReadOnlyList<int>? timesteps) =>
        timesteps is null ? null : new(Timesteps: [.. timesteps]);

    /// <summary>The row of a routing table that belongs to a step, in [0, T−1].</summary>
    public virtual long NativeTimestep(int step) => Math.Clamp((long)Timesteps[step], 0, TrainTimesteps - 1);

    /// <summary>Lays the grid; the row of a routing table that belongs to each of its steps.</summary>
    /// <param name="own">Native timesteps of one's own, one per step; null takes the usual ones.</param>
    public long[] NativeTimesteps(int steps, IReadOnlyList<int>? own = null)
    {
        SetTimesteps(steps, GridOf(own));
        return [.. Enumerable.Range(0, Timesteps.Count).Select(NativeTimestep)];
    }

    /// <summary>α and σ of the network's input at a step of the grid: input = α·x_0 + σ·ε.</summary>
    public virtual NoiseLevel LevelOf(int step) => NoiseLevel.Of(AlphaBars[(int)Timesteps[step]]);

    /// <summary>How many earlier outputs <see cref="Step"/> looks back on; 0 for one-step methods.</summary>
    public virtual int History => 0;

    /// <summary>The network's input for a state; belongs to the caller's dispose scope.</summary>
    public virtual Tensor ScaleModelInput(Tensor sample, int step) => sample.alias();

    /// <summary>Whether <see cref="Step"/> will use noise at this step.</summary>
    public abstract bool NeedsNoise(int step, StepOptions options);

    /// <summary>The next state [N, C, …]; belongs to the caller's
    /// dispose scope. Steps are taken in order from 0.</summary>
    /// <param name="modelOutput">The network's output, guidance already applied.</param>
    /// <param name="step">Index into <see cref="Timesteps"/>.</param>
    /// <param name="sample">The state that the output was computed for.</param>
    /// <param name="noise">Standard normal, shape of the state; needed where <see cref="NeedsNoise"/> says so.</param>
    /// <param name="options">Options of the method; null for the defaults.</param>
    public abstract Tensor Step(
        Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null);

    /// <summary>Noised samples, as the reference library's method of
    /// that name; belongs to the caller's dispose scope.</summary>
    /// <param name="clean">Samples [N, C, …].</param>
    /// <param name="noise">Standard normal, same shape.</param>
    /// <param name="timesteps">One entry per sample, taken from the grid (Euler, flow) or native (DDPM, DDIM).</param>
    public virtual Tensor AddNoise(Tensor clean, Tensor noise, Tensor timesteps) =>
        Forward.Noised(
            Schedule ?? throw new InvalidOperationException("flow matching adds noise by its own grid"), clean, noise,
            timesteps);
}
