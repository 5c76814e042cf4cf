using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>A recorded batch: what the network is shown and what it should say.</summary>
/// <param name="Noisy">Noised input [N, C, H, W].</param>
/// <param name="Time">Model time [N].</param>
/// <param name="Labels">Class labels [N]; null if unconditional.</param>
/// <param name="Target">Noise, velocity or clean image [N, C, H, W].</param>
/// <param name="NoisingError">Largest difference between our noised input and the recorded one.</param>
internal sealed record RecordedBatch(Tensor Noisy, Tensor Time, Tensor? Labels, Tensor Target, double NoisingError)
{
    /// <summary>Whether the objective's wording is one of those that fixtures use.</summary>
    public static bool Understands(FixtureCase fixture) => Kind(fixture) is not null;

    /// <summary>Reads the batch; its tensors belong to the caller's dispose scope.</summary>
    public static RecordedBatch Read(FixtureCase fixture, SafetensorsFile record, Device device)
    {
        Tensor clean = Read("batch.clean"), noise = Read("batch.noise");
        var noisy = Read("batch.noisy");
        var labels = record.Header.Tensors.ContainsKey("batch.class_labels") ? Read("batch.class_labels") : null;
        if (Kind(fixture) == PredictionKind.Flow)
        {
            var sigma = Read("batch.sigma");
            var levels = sigma.Doubles();
            var mixed = Forward.Mix(noise, clean, levels, Array.ConvertAll(levels, s => 1 - s));
            return new(noisy, sigma * 1000, labels, noise - clean, Difference.Largest(mixed, noisy));
        }
        // The fixtures train on DDPM's linear table with 1000 timesteps.
        var table = ((DdpmScheduler)NoiseSchedulers.Parse("""{"_class_name": "DDPMScheduler"}""")).Schedule!;
        var time = Read("batch.timesteps");
        var target = Kind(fixture) switch
        {
            PredictionKind.Velocity => Forward.Velocity(table, clean, noise, time),
            PredictionKind.Sample => clean,
            _ => noise,
        };
        return new(noisy, time, labels, target, Difference.Largest(Forward.Noised(table, clean, noise, time), noisy));

        Tensor Read(string name) => record.Read(name).to(device);
    }

    /// <summary>Mean squared error over the channels of the target; variance channels take no part.</summary>
    public Tensor Loss(Denoiser model)
    {
        using var scope = NewDisposeScope();
        var output = model.Predict(Noisy, Time, Labels).narrow(1, 0, Target.shape[1]);
        return scope.MoveToOuter((output - Target).square().mean());
    }

    private static PredictionKind? Kind(FixtureCase fixture)
    {
        var objective = fixture.Text("objective");
        return Mentions("flow matching") ? PredictionKind.Flow
            : Mentions("velocity") || Mentions("v-prediction") || Mentions("v prediction") ? PredictionKind.Velocity
            : Mentions("noise prediction") ? PredictionKind.Epsilon
            : Mentions("sample prediction") || Mentions("clean image") ? PredictionKind.Sample : null;

        bool Mentions(string words) => objective.Contains(words, StringComparison.OrdinalIgnoreCase);
    }
}
