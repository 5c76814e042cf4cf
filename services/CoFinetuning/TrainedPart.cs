using Mlops.Diffusion.Training;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>A module with what its training remembers: moments, and an average of its weights if one is kept.</summary>
internal sealed class TrainedPart : IDisposable
{
    private readonly string _name;
    private readonly nn.Module _module;
    private readonly double _clipNorm;
    private readonly LearningRate _rate;
    private readonly AdamW _optimizer;
    private readonly Ema? _average;

    /// <param name="name">Word in the names of its checkpoint files.</param>
    /// <param name="module">What is trained; not owned.</param>
    /// <param name="rate">Learning rate as a function of the step.</param>
    /// <param name="weightDecay">Decoupled decay.</param>
    /// <param name="clipNorm">Largest gradient norm.</param>
    /// <param name="emaDecay">0 keeps no average.</param>
    public TrainedPart(
        string name, nn.Module module, LearningRate rate, double weightDecay, double clipNorm, double emaDecay = 0)
    {
        (_name, _module, _rate, _clipNorm) = (name, module, rate, clipNorm);
        _optimizer = AdamW.For(module, new AdamWOptions(rate.Peak, WeightDecay: weightDecay));
        _average = emaDecay > 0 ? new Ema(module, emaDecay, warmUp: true) : null;
    }

    /// <summary>Clips the gradients that are there and takes a step.</summary>
    /// <param name="step">1 for the first.</param>
    /// <exception cref="InvalidDataException">A gradient is not a number.</exception>
    public void Update(int step)
    {
        if (!double.IsFinite(Gradients.ClipNorm(_optimizer.Parameters, _clipNorm)))
            throw new InvalidDataException(FormattableString.Invariant(
                $"the gradient of the {_name} is not finite at step {step}; lower its rate (now {_rate.Peak})"));

        _optimizer.LearningRate = _rate.At(step - 1);
        _optimizer.Step();
        _average?.Update();
    }

    /// <summary>Replaces the weights by their average, if one is kept.</summary>
    public void UseAverage() => _average?.CopyToModule();

    /// <summary>Writes weights, moments and average as safetensors files.</summary>
    public void Save(string folder)
    {
        using var scope = NewDisposeScope();
        Write(folder, "", _module.named_parameters()
            .ToDictionary(named => named.name, named => (Tensor)named.parameter));
        Write(folder, ".moments", _optimizer.Export());
        if (_average is not null)
            Write(folder, ".average", _average.Export());
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The files are of another network.</exception>
    public void Load(string folder)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            var weights = Read(folder, "");
            foreach (var (name, weight) in _module.named_parameters())
                weight.copy_(weights.TryGetValue(name, out var saved) && saved.shape.SequenceEqual(weight.shape)
                    ? saved
                    : throw new InvalidDataException(
                        $"the checkpoint of the {_name} lacks '{name}' or has it in another shape; "
                        + "resume with the model it was made from"));
        }

        _optimizer.Import(Read(folder, ".moments"));
        _average?.Import(Read(folder, ".average"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _average?.Dispose();
    }

    private void Write(string folder, string suffix, IReadOnlyDictionary<string, Tensor> tensors) =>
        SafetensorsWriter.Write(Path.Combine(folder, _name + suffix + ".safetensors"), tensors);

    private Dictionary<string, Tensor> Read(string folder, string suffix)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, _name + suffix + ".safetensors"));
        return file.Header.Tensors.Keys.ToDictionary(name => name, file.Read);
    }
}
