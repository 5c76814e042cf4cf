using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Search;
using static TorchSharp.torch;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>What all candidates of one search share, besides tensors; the content of <c>probe.json</c>.</summary>
/// <param name="Levels">What a level means in every stage.</param>
/// <param name="StageSteps">Sampler steps of each stage.</param>
/// <param name="Clipped">DDIM takes ε from the clipped x_0.</param>
/// <param name="Trajectory">States on the way are judged too.</param>
/// <param name="Probes">Noises that the search may use.</param>
/// <param name="CheckProbes">Noises behind them, for the last choice.</param>
/// <param name="Precision">Type in which networks compute.</param>
/// <param name="Scores">Where Hessians of the levels are; null where levels have no weights of their own.</param>
public sealed record ProbeSettings(
    ObjectRef Model, StageLevels Levels, IReadOnlyList<int> StageSteps, string Sampler, int Steps, double Guidance,
    bool Clipped, string Metric, bool Trajectory, int Probes, int CheckProbes, long Seed, Precision Precision,
    ObjectRef? Scores = null)
{
    /// <summary>Names the way of scoring; numbers of unlike protocol do not compare.</summary>
    [JsonIgnore]
    public string Protocol => FormattableString.Invariant($"{Metric}{(Trajectory ? " trajectory" : "")}/2 ")
        + $"{Sampler}{Steps}{(Clipped ? " clipped-output" : "")}"
        + (Guidance == 1 ? "" : FormattableString.Invariant($" guidance{Guidance}")) + $" n{Probes} seed{Seed}";

    /// <summary>Network evaluations of one sample.</summary>
    [JsonIgnore]
    public int Calls => Guidance == 1 ? Steps : 2 * Steps;

    /// <summary>MACs left / dense MACs of a whole image under a schedule.</summary>
    public double KeptRatio(IReadOnlyList<int> levels) =>
        levels.Select((level, stage) => Levels.Kept[stage][level] * StageSteps[stage]).Sum() / Steps;
}

/// <summary>Fixed noises, labels and the dense model's answers;
/// written once and referred to by every candidate.</summary>
public sealed class Probe : IDisposable
{
    /// <summary>Kind of the artifact that holds a probe.</summary>
    public const string Kind = "probe";

    private const string SettingsFile = "probe.json", TensorsFile = "probe.safetensors";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>A probe that owns its tensors.</summary>
    /// <param name="settings">What the tensors were made with.</param>
    /// <param name="noise">Start noises [N, C, H, W].</param>
    /// <param name="labels">Class labels [N], int64; null for unconditional models.</param>
    /// <param name="dense">The dense model's samples [1, N, C, H, W], or its states after every step.</param>
    public Probe(ProbeSettings settings, Tensor noise, Tensor? labels, Tensor dense) =>
        (Settings, Noise, Labels, Dense) = (settings, noise, labels, dense);

    /// <summary>What the tensors were made with.</summary>
    public ProbeSettings Settings { get; }

    /// <summary>Start noises [N, C, H, W], those of the last choice behind the others.</summary>
    public Tensor Noise { get; }

    /// <summary>Class labels [N]; null for unconditional models.</summary>
    public Tensor? Labels { get; }

    /// <summary>The dense model's samples [1, N, C, H, W], or its states after each step [steps, N, C, H, W].</summary>
    public Tensor Dense { get; }

    /// <summary>Writes the probe's two files.</summary>
    public void Save(string folder)
    {
        File.WriteAllText(Path.Combine(folder, SettingsFile), JsonSerializer.Serialize(Settings, Json));
        var tensors = new Dictionary<string, Tensor> { ["noise"] = Noise, ["dense"] = Dense };
        if (Labels is not null)
            tensors["labels"] = Labels;
        SafetensorsWriter.Write(Path.Combine(folder, TensorsFile), tensors);
    }

    /// <summary>Reads a probe onto a device; the tensors are its own.</summary>
    public static Probe Load(string folder, Device device)
    {
        var settings = LoadSettings(folder);
        using var file = SafetensorsFile.Open(Path.Combine(folder, TensorsFile));
        var labels = file.Header.Tensors.ContainsKey("labels") ? Detached("labels") : null;
        return new(settings, Detached("noise"), labels, Detached("dense"));

        Tensor Detached(string name)
        {
            using var scope = NewDisposeScope();
            return file.Read(name).to(device).DetachFromDisposeScope();
        }
    }

    /// <summary>Reads only what a search needs to go on after a restart.</summary>
    public static ProbeSettings LoadSettings(string folder) =>
        JsonSerializer.Deserialize<ProbeSettings>(File.ReadAllText(Path.Combine(folder, SettingsFile)), Json)
        ?? throw new InvalidDataException($"{Path.Combine(folder, SettingsFile)} is empty; start the search anew");

    /// <inheritdoc/>
    public void Dispose()
    {
        Noise.Dispose();
        Labels?.Dispose();
        Dense.Dispose();
    }
}
