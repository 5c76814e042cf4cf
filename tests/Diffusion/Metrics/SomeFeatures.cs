using Mlops.Diffusion.Weights;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

/// <summary>Networks for features with seeded random weights.</summary>
internal static class SomeFeatures
{
    private const string ClipConfig = """
        {
          "model_type": "clip_vision_model", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
          "num_attention_heads": 2, "image_size": 20, "patch_size": 4, "projection_dim": 12, "hidden_act": "quick_gelu"
        }
        """;

    /// <summary>A folder with a tiny tower of CLIP.</summary>
    /// <param name="change">Edits its tensors before they are written.</param>
    public static string Clip(string folder, Action<Dictionary<string, Tensor>>? change = null)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        Directory.CreateDirectory(folder);
        var tensors = new Dictionary<string, Tensor>();
        Add("vision_model.embeddings.class_embedding", 16);
        Add("vision_model.embeddings.patch_embedding.weight", 16, 3, 4, 4);
        Add("vision_model.embeddings.position_embedding.weight", 26, 16);
        Pair("vision_model.pre_layrnorm", 16);
        for (var layer = 0; layer < 2; layer++)
        {
            var path = $"vision_model.encoder.layers.{layer}.";
            foreach (var name in new[] { "q_proj", "k_proj", "v_proj", "out_proj" })
                Pair($"{path}self_attn.{name}", 16, 16);
            Pair(path + "layer_norm1", 16);
            Pair(path + "layer_norm2", 16);
            Pair(path + "mlp.fc1", 24, 16);
            Pair(path + "mlp.fc2", 16, 24);
        }

        Pair("vision_model.post_layernorm", 16);
        Add("visual_projection.weight", 12, 16);
        change?.Invoke(tensors);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), tensors);
        File.WriteAllText(Path.Combine(folder, "config.json"), ClipConfig);
        return folder;

        void Pair(string path, params long[] shape)
        {
            Add(path + ".weight", shape);
            Add(path + ".bias", shape[0]);
        }

        void Add(string name, params long[] shape) => tensors[name] = randn(shape, generator: generator) * 0.5;
    }

    /// <summary>Pictures [N, 3, 16, 16] in [−1, 1].</summary>
    public static Tensor Pictures(int count, int seed = 1) =>
        (rand([count, 3, 16, 16], generator: new Generator((ulong)seed)) * 2) - 1;
}
