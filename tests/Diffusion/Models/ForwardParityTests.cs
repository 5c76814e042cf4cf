using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

/// <summary>The networks against the outputs that the reference library computed.</summary>
public sealed class ForwardParityTests
{
    [ReferenceTheory]
    [InlineData("unet2d-cifar")]
    [InlineData("unet2d-classes")]
    [InlineData("unet2d-scaleshift")]
    [InlineData("dit-xl-like")]
    [InlineData("sit-like")]
    public void Every_call_gives_the_reference_output(string name)
    {
        var folder = Reference.Path($"goldens/models/{name}");
        var calls = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "case.json")))!["calls"]!.AsArray();
        using var model = ModelFolder.Load(folder);
        using var stored = StoredTensors.Open(Path.Combine(folder, "io.safetensors"));
        using var noGrad = no_grad();

        foreach (var call in calls)
        {
            using var scope = NewDisposeScope();
            var id = (string)call!["id"]!;
            var sample = stored.Names.Contains($"{id}.in.sample") ? "sample" : "hidden_states";
            var labels = stored.Names.Contains($"{id}.in.class_labels") ? stored.Read($"{id}.in.class_labels") : null;

            var output = model.Predict(stored.Read($"{id}.in.{sample}"), stored.Read($"{id}.in.timestep"), labels);
            var error = (output - stored.Read($"{id}.out.sample")).abs().max().item<float>();

            Assert.InRange(error, 0, (double)call["outputs"]!["sample"]!["suggested_atol"]!);
        }
    }
}
