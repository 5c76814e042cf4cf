using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>A network that the field compares distributions with, from weights that a user gives: a .safetensors file,
/// or a folder with <c>model.safetensors</c> and, for CLIP, <c>config.json</c>. It sees pictures as they would be
/// stored: clipped, in 8 bits, gray ones in three equal channels.</summary>
public abstract class FeatureNetwork : FeatureExtractor
{
    private const string Stem = "model", ConfigFile = "config.json";

    private readonly FeatureWeights _weights;
    private readonly ModelConfig? _config;
    private readonly Device _device;
    private readonly string _name;

    private protected FeatureNetwork(string name, FeatureWeights weights, ModelConfig? config = null)
    {
        (_name, _weights, _config) = (name, weights, config);
        _device = weights.All.Values.First().device;
        Protocol = $"{name} weights={Digest(weights.All.Values)}";
    }

    /// <inheritdoc/>
    public override string Protocol { get; }

    /// <inheritdoc/>
    public override bool Standardizes => false;

    /// <summary>Loads a network strictly: a blank picture goes through it, so no tensor is missing, left over or of
    /// another shape afterwards.</summary>
    /// <param name="path">A file, or a folder.</param>
    /// <exception cref="FileNotFoundException">No weights, or no config.json beside those of CLIP.</exception>
    /// <exception cref="InvalidDataException">They are not those of a known network.</exception>
    public static FeatureNetwork Load(string path, Device? device = null)
    {
        var isFolder = Directory.Exists(path);
        using var stored = isFolder ? StoredTensors.OpenIn(path, Stem) : StoredTensors.Open(path);
        var beside = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        var weights = new FeatureWeights(stored, device ?? CPU);
        try
        {
            FeatureNetwork network = stored switch
            {
                _ when stored.Names.Contains(InceptionV3.Mark) => new InceptionV3(weights),
                _ when stored.Names.Contains(ClipVision.Mark) =>
                    new ClipVision(weights, ModelConfig.ReadAny(Path.Combine(beside, ConfigFile))),
                _ => throw new InvalidDataException($"{stored.Path} is no network for features: it holds neither "
                    + $"\"{InceptionV3.Mark}\" (FID's Inception v3) nor \"{ClipVision.Mark}\" (CLIP)."),
            };
            using var blank = zeros(1, 3, 1, 1, device: CPU);
            network.Compute(blank).Dispose();
            weights.CheckAllUsed();
            return network;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Writes weights and config into a folder from which they load again.</summary>
    public void Save(string folder)
    {
        TensorsWriter.Write(folder, Stem, [.. _weights.All]);
        _config?.Write(Path.Combine(folder, ConfigFile));
    }

    /// <summary>Refuses what is no picture.</summary>
    /// <exception cref="InvalidDataException">Samples of so many channels have no colors.</exception>
    public void CheckSees(long channels)
    {
        if (channels is not (1 or 3))
            throw new InvalidDataException($"the model makes samples of {channels} channels, which {_name} cannot see: "
                + "it looks at pictures of 1 or 3; leave 'features' out.");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _weights.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected sealed override Tensor Look(Tensor batch, Tensor? labels, int first)
    {
        using var scope = NewDisposeScope();
        var stored = ((batch.to(float32, _device).clamp(-1, 1) + 1) * 127.5).round();
        var pictures = (stored / 127.5) - 1;
        return scope.MoveToOuter(Forward(pictures.expand(-1, 3, -1, -1)));
    }

    /// <summary>The features of pictures.</summary>
    /// <param name="pictures">[N, 3, H, W] in [−1, 1].</param>
    /// <returns>[N, D] in the caller's scope.</returns>
    private protected abstract Tensor Forward(Tensor pictures);

    /// <summary>One tensor of the file, which stays the network's.</summary>
    private protected Tensor Weight(string name, params long[] shape) => _weights.Get(name, shape);

    /// <summary>Pictures of another size, corners not aligned.</summary>
    private protected static Tensor Resize(Tensor pictures, long side, InterpolationMode mode) =>
        nn.functional.interpolate(pictures, size: [side, side], mode: mode, align_corners: false);
}
