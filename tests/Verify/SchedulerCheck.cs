using System.Text.Json.Nodes;
using Mlops.Diffusion;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>Compares a scheduler with a recorded trajectory: tables, grid, every step on its own, the free run on the
/// closed-form denoiser, and the forward process.</summary>
public sealed class SchedulerCheck
{
    // Float32 keeps about 1e-7; a step loses some of it where near-equal numbers are subtracted.
    private const double StepTolerance = 1e-5;

    // Errors of single steps add up over a free run.
    private const double RunTolerance = 1e-4;
    private const double TableTolerance = 1e-6;

    private readonly string _folder;
    private readonly JsonObject _case;
    private readonly SafetensorsFile _record;
    private readonly StepOptions _step;
    private readonly GridOptions _grid;
    private readonly int _steps;
    private readonly List<CheckResult> _results = [];

    private SchedulerCheck(string folder, SafetensorsFile record)
    {
        (_folder, _record) = (folder, record);
        var path = Path.Combine(folder, "case.json");
        _case = JsonNode.Parse(File.ReadAllText(path)) as JsonObject
            ?? throw new InvalidDataException($"{path} holds no JSON object.");
        _step = StepOptions.Read(_case["step"] as JsonObject);
        _grid = GridOptions.Read(_case["set_timesteps"] as JsonObject);
        _steps = _case["steps"]?.GetValue<int>() ?? throw new InvalidDataException($"{path} names no number of steps.");
    }

    /// <summary>Runs every comparison that a fixture folder allows.</summary>
    /// <param name="folder">Holds <c>scheduler_config.json</c>,
    /// <c>case.json</c> and <c>trajectory.safetensors</c>.</param>
    /// <exception cref="ArgumentException">the scheduler's class or an option is not supported.</exception>
    public static IReadOnlyList<CheckResult> Run(string folder)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var record = SafetensorsFile.Open(Path.Combine(folder, "trajectory.safetensors"));
        var check = new SchedulerCheck(folder, record);
        check.RunAll();
        return check._results;
    }

    private void RunAll()
    {
        var scheduler = NoiseSchedulers.Load(_folder);
        CompareTables(scheduler);
        // Euler's fixtures take their forward timesteps from the grid, the others from the training table.
        if (scheduler is not EulerScheduler)
            CompareForward(scheduler);
        scheduler.SetTimesteps(_steps, _grid);
        if (scheduler is EulerScheduler)
            CompareForward(scheduler);

        if (_case["init_noise_sigma"] is { } sigma)
            Compare("init_noise_sigma", scheduler.InitNoiseSigma, sigma.GetValue<double>());
        Compare("timesteps", scheduler.Timesteps);
        Compare("sigmas", scheduler.Sigmas);
        CompareSteps(scheduler);
        if (!_case.ContainsKey("model"))
            CompareFreeRun(scheduler);
    }

    private void CompareTables(NoiseScheduler scheduler)
    {
        if (scheduler.Schedule is { } table)
        {
            Compare("betas", Array.ConvertAll(table.Betas, beta => (double)beta));
            Compare("alphas_cumprod", scheduler is EulerScheduler or DpmSolverScheduler
                ? table.SolverAlphaBars()
                : Array.ConvertAll(table.AlphaBars, bar => (double)bar));
        }

        if (scheduler is FlowMatchEulerScheduler flow)
            Compare("train_sigmas", flow.TrainSigmas);
    }

    private void CompareForward(NoiseScheduler scheduler)
    {
        if (!Has("forward.noisy"))
            return;
        Tensor clean = Read("forward.clean"), noise = Read("forward.noise"), times = Read("forward.timesteps");
        Compare("forward.noisy", scheduler.AddNoise(clean, noise, times), Read("forward.noisy"), StepTolerance);
        if (Has("forward.velocity"))
            Compare(
                "forward.velocity",
                Forward.Velocity(scheduler.Schedule!, clean, noise, times), Read("forward.velocity"),
                StepTolerance);
    }

    private void CompareSteps(NoiseScheduler scheduler)
    {
        Tensor states = Read("x"), outputs = Read("model_output"), noises = Read("noise"), used = Read("noise_used");
        for (var step = 0; step < _steps; step++)
        {
            using var scope = NewDisposeScope();
            var needs = scheduler.NeedsNoise(step, _step);
            if (needs != used[step].to(int64).item<long>() > 0)
                _results.Add(new CheckResult($"noise used at step {step}", needs ? 1 : 0, 0.5));
            if (Has("model_input"))
                Compare($"model_input {step}", scheduler.ScaleModelInput(states[step], step),
                    Read("model_input")[step], StepTolerance);
            var next = scheduler.Step(outputs[step], step, states[step], noises[step], _step);
            Compare($"step {step}", next, states[step + 1], StepTolerance);
        }
    }

    private void CompareFreeRun(NoiseScheduler scheduler)
    {
        Tensor states = Read("x"), noises = Read("noise");
        var doubled = Read("model_output").shape[2] != states.shape[2];
        scheduler.SetTimesteps(_steps, _grid);
        var x = states[0].clone();
        for (var step = 0; step < _steps; step++)
        {
            using var scope = NewDisposeScope();
            var output = Toy(scheduler.ScaleModelInput(x, step), scheduler.Timesteps[step], doubled);
            x = scheduler.Step(output, step, x, noises[step], _step).MoveToOuterDisposeScope();
        }

        Compare("free run", x, states[_steps], RunTolerance, states.abs().max().item<float>());
    }

    // The closed-form denoiser of the fixtures; its second half stands for learned variances.
    private static Tensor Toy(Tensor x, double t, bool doubled)
    {
        var mean = (x * 0.6) + (((x * 4) + (0.01 * t)).sin() * 0.1) + (0.05 * Math.Cos(0.02 * t));
        return doubled ? cat([mean, (x + (0.01 * t)).sin() * 0.5], 1) : mean;
    }

    private bool Has(string name) => _record.Header.Tensors.ContainsKey(name);

    private Tensor Read(string name) => _record.Read(name);

    private void Compare(string name, IReadOnlyList<double> ours)
    {
        if (!Has(name))
            return;
        var theirs = Read(name).Doubles();
        if (ours.Count != theirs.Length)
        {
            _results.Add(new CheckResult($"length of {name}", Math.Abs(ours.Count - theirs.Length), 0.5));
            return;
        }

        var scale = Math.Max(1, theirs.Max(Math.Abs));
        _results.Add(new CheckResult(
            name, ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max(), TableTolerance * scale));
    }

    private void Compare(string name, double ours, double theirs) =>
        _results.Add(new CheckResult(name, Math.Abs(ours - theirs), TableTolerance * Math.Max(1, Math.Abs(theirs))));

    private void Compare(string name, Tensor ours, Tensor theirs, double tolerance, double largest = 0)
    {
        using var scope = NewDisposeScope();
        var error = (ours - theirs).abs().max().to(float64).item<double>();
        var scale = Math.Max(largest, theirs.abs().max().to(float64).item<double>());
        _results.Add(new CheckResult(name, error, tolerance * scale));
    }
}
