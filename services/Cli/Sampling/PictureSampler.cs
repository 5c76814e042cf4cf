using System.Globalization;
using Mlops.Cli.Hosting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Images;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Evaluation;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.Cli.Sampling;

/// <summary>Draws pictures with a model folder, alone or beside another model from equal noise.</summary>
public static class PictureSampler
{
    private const int Batch = 16;

    /// <summary>Writes the picture; everything that can be refused is refused before anything is drawn.</summary>
    /// <param name="warn">Told what is slow or doubtful.</param>
    /// <returns>What was drawn, and how, in a line.</returns>
    /// <exception cref="InvalidDataException">The model cannot draw what is asked for.</exception>
    public static string Write(
        SampleRequest request, FileInfo file, Action<string> warn, CancellationToken cancellationToken)
    {
        request.Checked();
        var protocol = SamplingProtocol.Resolve(
            request.ToOptions(), PrunedModel.StepsIn(request.Model), NoiseSchedulers.Load(request.Model),
            request.Against is null ? null : PrunedModel.StepsIn(request.Against));
        var placement = Placement.Create(EmbeddedHost.Device, Precision.Float32, warn);
        using var model = PrunedModel.Load(request.Model, placement);
        Check(model, request);
        RunInputs.Refuse(model.Inner, NoiseSchedulers.Load(request.Model));
        using var other = request.Against is { } folder ? PrunedModel.Load(folder, placement) : null;
        if (other is not null && other.Model.SampleShape != model.Model.SampleShape)
            throw new InvalidDataException(
                $"'{request.Against}' draws {Shape(other)} and '{request.Model}' {Shape(model)}; compare models of one "
                + "size");
        using var scope = NewDisposeScope();
        file.Directory?.Create();
        var drawn = Draw(
            model, request.Model, protocol.PrunedSampler, protocol.PrunedSteps, protocol, request, cancellationToken);
        if (other is null)
            ImageGrid.Write(drawn, file.FullName, Columns(request.Count));
        else
            ImageGrid.WritePairs(
                Draw(
                    other, request.Against!, protocol.DenseSampler, protocol.DenseSteps, protocol, request,
                    cancellationToken),
                drawn, file.FullName);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{request.Count} pictures by {protocol.PrunedSampler}, {protocol.PrunedSteps} steps, "
            + $"guidance {protocol.Guidance}, seed {request.Seed}");
    }

    private static Tensor Draw(
        PrunedModel model, string folder, string name, int steps, SamplingProtocol protocol, SampleRequest request,
        CancellationToken cancellationToken)
    {
        var network = model.Model;
        network.eval();
        var (channels, height, width) = network.SampleShape;
        using var scope = NewDisposeScope();
        var noise = EqualNoise.Start(request.Seed, 0, request.Count, channels, height, width).to(network.Device);
        var sampler = model.Sampler(
            SamplerNames.Load(folder, name),
            new SamplerOptions(steps, request.Seed, Batch, protocol.Step), protocol.Guidance);
        return sampler.Sample(
                Guidance.Of(network, protocol.Guidance), noise, Labels(network, request),
                cancellationToken: cancellationToken)
            .cpu().MoveToOuterDisposeScope();
    }

    private static Tensor? Labels(Denoiser network, SampleRequest request) => request.Classes is { } classes
        ? tensor(
            [.. Enumerable.Range(0, request.Count).Select(i => classes[i % classes.Count])], int64, network.Device)
        : network.LabelsInTurn(0, request.Count);

    private static void Check(PrunedModel model, SampleRequest request)
    {
        var network = model.Model;
        if (network.SampleShape.Channels is not (1 or 3))
            throw new InvalidDataException(
                $"'{request.Model}' draws {Shape(model)}, which are latents without colors; load it with diffusers, "
                + "whose pipeline has an autoencoder");
        if (request.Classes?.FirstOrDefault(label => label >= network.Classes, -1) is >= 0 and var label)
            throw new ArgumentException(network.Classes == 0
                ? $"'{request.Model}' knows no classes; leave --classes out"
                : $"--classes names {label}, but '{request.Model}' has the classes 0 to {network.Classes - 1}");
    }

    private static string Shape(PrunedModel model)
    {
        var (channels, height, width) = model.Model.SampleShape;
        return $"{channels} x {height} x {width}";
    }

    private static int Columns(int count) => (int)Math.Ceiling(Math.Sqrt(count));
}
