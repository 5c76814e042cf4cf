using Mlops.Diffusion.Devices;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>A network that predicts noise, velocity or the clean image from a noised one.</summary>
public abstract class Denoiser(string name, ModelConfig config) : NamedModule(name)
{
    static Denoiser() => HiddenCaches.Quieten();

    /// <summary>The configuration as the model folder states it.</summary>
    public ModelConfig Config { get; } = config;

    /// <summary>The residual layers that may be skipped, in execution order.</summary>
    public abstract IReadOnlyList<LayerInfo> Layers { get; }

    /// <summary>The layers, and in a UNet also what changes width or size, in execution order.</summary>
    public virtual IReadOnlyList<CacheableLayer> Cacheable =>
        [.. Layers.Select(layer => new CacheableLayer(layer.Name, IsResidual: true))];

    /// <summary>Layers that are none any more: not called, not counted, not among <see cref="Layers"/>.</summary>
    public IReadOnlySet<string> LeftOut { get; private set; } = new HashSet<string>();

    /// <summary>Which of the layers run at which timestep, whatever a call asks for; null: all.</summary>
    public LayerRouting? Routing { get; set; }

    /// <summary>Channels, height and width of one sample.</summary>
    public abstract (long Channels, long Height, long Width) SampleShape { get; }

    /// <summary>Number of classes of a conditional model, without the null label; 0 if unconditional.</summary>
    public abstract int Classes { get; }

    /// <summary>The label that means "none", for classifier-free guidance; null for models that have none.</summary>
    public virtual long? NullLabel => null;

    /// <summary>Where its weights are.</summary>
    public Device Device => this.Present().First().Value.device;

    /// <summary>Labels of samples first … first + count − 1, all classes in turn: [count] int64 beside the weights, in
    /// the caller's dispose scope; null for unconditional models.</summary>
    public Tensor? LabelsInTurn(int first, int count) => Classes > 0
        ? tensor([.. Enumerable.Range(first, count).Select(i => (long)(i % Classes))], int64, Device)
        : null;

    /// <summary>One forward pass, computed in the type of the weights. The result [N, C_out, H, W] has the type of the
    /// sample and belongs to the caller's dispose scope.</summary>
    /// <param name="sample">Noised samples [N, C, H, W].</param>
    /// <param name="timestep">Native training timesteps, [N] or [1]; int64, or float for flow models.</param>
    /// <param name="labels">Class labels [N], int64; null for unconditional models.</param>
    /// <param name="control">Gates and observers; null runs every layer.</param>
    public Tensor Predict(Tensor sample, Tensor timestep, Tensor? labels = null, LayerControl? control = null) =>
        Routing?.Predict(_ => Forward, sample, timestep, labels, control)
            ?? Forward(sample, timestep, labels, control);

    /// <summary>Makes these layers, and no others, part of the network no longer; whatever routing there was is gone.
    /// </summary>
    /// <exception cref="InvalidDataException">There is no such layer.</exception>
    public void LeaveOut(IEnumerable<string> names)
    {
        (LeftOut, Routing) = (new HashSet<string>(), null);
        NumberLayers();
        var known = Layers.Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        var left = names.ToHashSet(StringComparer.Ordinal);
        if (left.FirstOrDefault(name => !known.Contains(name)) is { } stranger)
            throw new InvalidDataException($"'{stranger}' is not a gateable layer of this model, so it cannot be left "
                + "out; use the plan with the model it was made for");
        LeftOut = left;
        NumberLayers();
    }

    /// <summary>Whether a layer runs at a network time.</summary>
    public virtual bool Runs(LayerInfo layer, double time) => Routing?.Runs(layer.Index, time) ?? true;

    /// <summary>The pass itself, without <see cref="Routing"/>.</summary>
    protected abstract Tensor Forward(Tensor sample, Tensor timestep, Tensor? labels, LayerControl? control);

    /// <summary>Numbers all layers but those that are left out.</summary>
    protected abstract void NumberLayers();
}
