using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Alter;

public sealed class GateWorthTests
{
    [Fact]
    public void A_gate_is_worth_what_its_layer_brings_nearer_to_the_dense_output()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var dense = SomeNetwork.UNet();
        using var masked = SomeNetwork.UNet();
        var layers = dense.Layers.Count;
        // The second expert serves no timestep.
        bool[] mask = [.. Enumerable.Range(0, layers).Select(layer => layer != 2)];
        var table = new HardTable([mask, [.. mask.Select(run => !run)]], new int[20]);
        var (channels, height, width) = dense.SampleShape;
        using var generator = new Generator(3);
        var clean = randn([2, channels, height, width], generator: generator);
        var batch = new CalibrationBatch(clean, randn_like(clean), dense.LabelsInTurn(0, 2))
            .At(NoiseSchedulers.Parse(SomeNetwork.Scheduler), [4, 14]);

        var worth = GateWorth.Measure(masked, dense, table, _ => batch);

        Assert.Equal(new double[layers], worth[1]);
        // One layer is out: put back in, the output is the dense one.
        Assert.Equal(Distance(2), worth[0][2], 1e-12);
        foreach (var layer in (int[])[0, 1, layers - 1])
            Assert.Equal(Distance(2, layer) - Distance(2), worth[0][layer], 1e-9);

        double Distance(params int[] without)
        {
            var control = new LayerControl
            {
                Run = [.. Enumerable.Range(0, layers).Select(layer => !without.Contains(layer))],
            };
            var change = dense.Predict(batch.Noisy, batch.Times, batch.Labels, control)
                - dense.Predict(batch.Noisy, batch.Times, batch.Labels);
            return change.to(float64).square().mean().item<double>();
        }
    }
}
