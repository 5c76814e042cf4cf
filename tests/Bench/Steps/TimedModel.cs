using Mlops.Diffusion;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Bench.Steps;

/// <summary>A network with a fixed batch, for timing one step at a time.</summary>
public sealed class TimedModel : IDisposable
{
    private const int Timesteps = 1000;

    private readonly Parameter[] _weights;
    private readonly AdamW _optimizer;
    private readonly Tensor _noisy, _noise, _times, _labels;

    /// <summary>A fresh network and a batch of noise.</summary>
    public TimedModel(ModelConfig config, int batch, Placement placement)
    {
        var (device, dtype) = placement;
        Network = ModelFamily.Create(config, Seeds.Of(0, "bench"), device);
        Network.MoveTo(device, dtype);
        _weights = [.. Network.parameters()];
        _optimizer = optim.AdamW(_weights, 1e-4, weight_decay: 0.01);
        var (channels, height, width) = Network.SampleShape;
        using var generator = new Generator(1);
        long[] shape = [batch, channels, height, width];
        _noisy = randn(shape, device: CPU, generator: generator).to(dtype, device);
        _noise = randn(shape, device: CPU, generator: generator).to(dtype, device);
        _times = arange(batch, device: device).mul(Timesteps / batch);
        _labels = zeros([batch], ScalarType.Int64, device);
    }

    /// <summary>The network.</summary>
    public Denoiser Network { get; }

    private Tensor? Labels => Network.Classes > 0 ? _labels : null;

    /// <summary>Number of trained values.</summary>
    public long Parameters => Network.parameters().Sum(parameter => parameter.numel());

    /// <summary>Forward, backward, clipping, optimizer.</summary>
    public void Train()
    {
        using var scope = NewDisposeScope();
        var output = Network.Predict(_noisy, _times, Labels).narrow(1, 0, _noise.shape[1]);
        using var loss = nn.functional.mse_loss(output, _noise);
        Network.zero_grad();
        loss.backward();
        nn.utils.clip_grad_norm_(_weights, 1.0);
        _optimizer.step();
        loss.item<float>();
    }

    /// <summary>One forward pass without gradients, all layers.</summary>
    public void Sample() => Sample(control: null);

    /// <summary>One forward pass without gradients.</summary>
    public void Sample(LayerControl? control) => Sample(Network, control);

    /// <summary>The same of a copy of the network.</summary>
    public void Sample(Denoiser network, LayerControl? control = null)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        network.Predict(_noisy, _times, Labels, control).sum().item<float>();
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        foreach (var tensor in new[] { _noisy, _noise, _times, _labels })
            tensor.Dispose();
        _optimizer.Dispose();
        Network.Dispose();
    }
}
