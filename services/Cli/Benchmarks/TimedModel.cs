using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Cli.Benchmarks;

/// <summary>A network with a fixed batch, for timing one step at a time.</summary>
public sealed class TimedModel : IDisposable
{
    private const int Timesteps = 1000;

    private readonly AdamW _optimiser;
    private readonly Tensor _noisy, _noise, _times, _labels;

    /// <summary>A fresh network and a batch of noise.</summary>
    public TimedModel(ModelConfig config, int batch)
    {
        Network = UNet2DModel.Create(config, Seeds.Of(0, "bench"));
        _optimiser = AdamW.For(Network, new AdamWOptions(1e-4));
        var (channels, height, width) = Network.SampleShape;
        using var generator = new Generator(1);
        _noisy = randn([batch, channels, height, width], generator: generator);
        _noise = randn([batch, channels, height, width], generator: generator);
        _times = arange(batch).mul(Timesteps / batch);
        _labels = zeros([batch], ScalarType.Int64);
    }

    /// <summary>The network.</summary>
    public UNet2DModel Network { get; }

    /// <summary>Number of trained values.</summary>
    public long Parameters => Network.parameters().Sum(parameter => parameter.numel());

    /// <summary>Forward, backward, clipping, optimiser.</summary>
    public void Train()
    {
        using var scope = NewDisposeScope();
        using var loss = nn.functional.mse_loss(Network.Predict(_noisy, _times, _labels), _noise);
        _optimiser.ClearGradients();
        loss.backward();
        Gradients.ClipNorm(_optimiser.Parameters, 1.0);
        _optimiser.Step();
        loss.item<float>();
    }

    /// <summary>One forward pass without gradients, all layers.</summary>
    public void Sample() => Sample(control: null);

    /// <summary>One forward pass without gradients.</summary>
    /// <param name="control">Which layers run.</param>
    public void Sample(LayerControl? control)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        Network.Predict(_noisy, _times, _labels, control).sum().item<float>();
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        foreach (var tensor in new[] { _noisy, _noise, _times, _labels })
            tensor.Dispose();
        _optimiser.Dispose();
        Network.Dispose();
    }
}
