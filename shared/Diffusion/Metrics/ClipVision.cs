using Mlops.Diffusion.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Mlops.Diffusion.Metrics;

/// <summary>The vision tower of CLIP (Radford et al. 2021) with its projection, under the tensor names and the config
/// of transformers' <c>CLIPVisionModelWithProjection</c>. Pictures are scaled to its square, bicubic, as for CMMD
/// (Jayasumana et al. 2024); features are the projected embeddings, not normalized.</summary>
internal sealed class ClipVision : FeatureNetwork
{
    /// <summary>A tensor by which its files are known.</summary>
    public const string Mark = Root + "embeddings.class_embedding";

    private const string Root = "vision_model.";

    // What CLIP was trained with, per channel of pictures in [0, 1].
    private static readonly float[] Mean = [0.48145466f, 0.4578275f, 0.40821073f];
    private static readonly float[] Deviation = [0.26862954f, 0.26130258f, 0.27577711f];

    private readonly long _width, _hidden, _layers, _heads, _side, _patch, _projected;
    private readonly double _eps;
    private readonly Func<Tensor, Tensor> _activation;

    public ClipVision(FeatureWeights weights, ModelConfig config)
        : base($"clip-vision/1 embeds bicubic{config.Integer("image_size", 224)}", weights, config)
    {
        config.Positive("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "image_size",
            "patch_size", "projection_dim");
        (_width, _hidden) = (config.Integer("hidden_size", 768), config.Integer("intermediate_size", 3072));
        (_layers, _heads) = (config.Integer("num_hidden_layers", 12), config.Integer("num_attention_heads", 12));
        (_side, _patch) = (config.Integer("image_size", 224), config.Integer("patch_size", 32));
        (_projected, _eps) = (config.Integer("projection_dim", 512), config.Number("layer_norm_eps", 1e-5));
        if (_width % _heads != 0)
            throw config.Wrong("num_attention_heads", $"a divisor of the {_width} channels");
        _activation = config.OptionalText("hidden_act") switch
        {
            null or "quick_gelu" => x => x * (x * 1.702).sigmoid(),
            "gelu" => x => x.gelu(),
            _ => throw config.Wrong("hidden_act", "quick_gelu or gelu"),
        };
    }

    private protected override Tensor Forward(Tensor pictures)
    {
        var shares = (Resize(pictures, _side, InterpolationMode.Bicubic) + 1) / 2;
        var pixels = (shares - PerChannel(Mean)) / PerChannel(Deviation);
        var patches = conv2d(
            pixels, Weight(Root + "embeddings.patch_embedding.weight", _width, 3, _patch, _patch),
            strides: [_patch, _patch]).flatten(2).transpose(1, 2);              // [N, tokens − 1, C]
        var start = Weight(Mark, _width).expand(pictures.shape[0], 1, _width);
        var x = cat([start, patches], 1);
        x = Norm(x + Weight(Root + "embeddings.position_embedding.weight", x.shape[1], _width), "pre_layrnorm");
        for (var layer = 0; layer < _layers; layer++)
        {
            using var before = x;
            using var scope = NewDisposeScope();
            x = scope.MoveToOuter(Block(before, $"encoder.layers.{layer}."));
        }

        return linear(
            Norm(x.select(1, 0), "post_layernorm"), Weight("visual_projection.weight", _projected, _width));

        Tensor PerChannel(float[] values) => tensor(values, [3, 1, 1], device: pictures.device);
    }

    private Tensor Block(Tensor x, string layer)
    {
        var normed = Norm(x, layer + "layer_norm1");
        var mixed = scaled_dot_product_attention(Heads("q_proj"), Heads("k_proj"), Heads("v_proj"))
            .transpose(1, 2).flatten(2);                                        // [N, h, S, d] -> [N, S, h·d]
        var y = x + Linear(mixed, layer + "self_attn.out_proj", _width);
        var inner = _activation(Linear(Norm(y, layer + "layer_norm2"), layer + "mlp.fc1", _hidden));
        return y + Linear(inner, layer + "mlp.fc2", _width);

        // [N, S, h·d] -> [N, h, S, d]
        Tensor Heads(string projection) => Linear(normed, $"{layer}self_attn.{projection}", _width)
            .reshape(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
    }

    private Tensor Norm(Tensor x, string name) => layer_norm(
        x, [_width], Weight($"{Root}{name}.weight", _width), Weight($"{Root}{name}.bias", _width), _eps);

    private Tensor Linear(Tensor x, string name, long width) =>
        linear(x, Weight($"{Root}{name}.weight", width, x.shape[^1]), Weight($"{Root}{name}.bias", width));
}
