using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mlops.Tests.Torch;

/// <summary>The operations that are compared with PyTorch.</summary>
public static class ParityCases
{
    private static readonly long[] Vector = [6];
    private static readonly long[] Matrix = [4, 6];
    private static readonly long[] Image = [2, 4, 6, 6];

    public static IReadOnlyList<ParityCase> All { get; } =
    [
        .. Elementwise(), .. Reductions(), .. Shapes(), .. Products(), .. Picks(), .. Layers(), .. Losses(),
    ];

    private static ParityCase Of(string name, string expression, Func<Tensor[], Tensor> run, params long[][] shapes) =>
        new(name, expression, run, shapes);

    private static IEnumerable<ParityCase> Elementwise() =>
    [
        Of("add", "a + 2 * b", x => x[0] + 2 * x[1], Matrix, Vector),
        Of("sub", "3 - a - b", x => 3 - x[0] - x[1], Matrix, Matrix),
        Of("mul", "a * b * 0.5", x => x[0] * x[1] * 0.5, Matrix, Vector),
        Of("div", "a / (b + 3)", x => x[0] / (x[1] + 3), Matrix, Matrix),
        Of("reciprocal", "1.0 / (a + 3)", x => 1.0 / (x[0] + 3), Matrix),
        Of("pow", "(a + 2) ** 3 + 2 ** a", x => (x[0] + 2).pow(3) + (x[0] * Math.Log(2)).exp(), Matrix),
        Of("exp and log", "torch.log(torch.exp(a) + 1)", x => torch.log(torch.exp(x[0]) + 1), Matrix),
        Of("sqrt and rsqrt", "torch.sqrt(a + 2) * torch.rsqrt(a + 3)",
            x => (x[0] + 2).sqrt() * (x[0] + 3).rsqrt(), Matrix),
        Of("sin and cos", "torch.sin(a) * torch.cos(b)", x => x[0].sin() * x[1].cos(), Matrix, Matrix),
        Of("sigmoid", "torch.sigmoid(3 * a)", x => (3 * x[0]).sigmoid(), Matrix),
        Of("tanh", "torch.tanh(a)", x => x[0].tanh(), Matrix),
        Of("silu", "F.silu(a)", x => F.silu(x[0]), Matrix),
        Of("gelu", "F.gelu(a)", x => F.gelu(x[0]), Matrix),
        Of("gelu tanh", "F.gelu(a, approximate='tanh')", x => F.gelu(x[0], GELU.Approximate.tanh), Matrix),
        Of("relu", "F.relu(a)", x => F.relu(x[0]), Matrix),
        Of("softplus", "F.softplus(a)", x => F.softplus(x[0]), Matrix),
        Of("clamp", "a.clamp(-0.5, 0.5)", x => x[0].clamp(-0.5, 0.5), Matrix),
        Of("clamp from below", "a.clamp(min=0.1)", x => x[0].clamp(min: 0.1), Matrix),
        Of("where", "torch.where(a > 0, a, b)", x => torch.where(x[0] > 0, x[0], x[1]), Matrix, Matrix),
        Of("maximum", "torch.maximum(a, b)", x => torch.maximum(x[0], x[1]), Matrix, Matrix),
        Of("lerp", "torch.lerp(a, b, torch.tensor(0.3))", x => torch.lerp(x[0], x[1], tensor(0.3f)), Matrix, Matrix),
        Of("addcmul", "a + 0.3 * b * b", x => x[0].addcmul(x[1], x[1], 0.3), Matrix, Matrix),
        Of("comparison", "((a > b) & (a != 0)).float()",
            x => (x[0] > x[1]).logical_and(x[0] != 0).to(float32), Matrix, Matrix),
        Of("floor division", "torch.div(a * 10, 3, rounding_mode='floor')",
            x => (x[0] * 10).div(3, RoundingMode.floor), Matrix),
        Of("round", "torch.round(a * 10, decimals=0)", x => (x[0] * 10).round(), Matrix),
        Of("masked_fill", "a.masked_fill(a > 0, 7.0)", x => x[0].masked_fill(x[0] > 0, 7.0), Matrix),
    ];

    private static IEnumerable<ParityCase> Reductions() =>
    [
        Of("sum", "a.sum()", x => x[0].sum(), Matrix),
        Of("sum over dims", "a.sum((0, 2), keepdim=True)", x => x[0].sum([0L, 2], true), Image),
        Of("mean", "a.mean((2, 3))", x => x[0].mean([2, 3]), Image),
        Of("variance", "a.var((1, 2), unbiased=False)", x => x[0].var([1, 2], false), Image),
        Of("deviation", "a.std()", x => x[0].std(), Matrix),
        Of("largest", "a.max(1)[0]", x => x[0].max(1).values, Matrix),
        Of("amax", "a.amax((1, 2))", x => x[0].amax(1, 2), Image),
        Of("argmax", "a.argmax(1)", x => x[0].argmax(1), Matrix),
        Of("norm", "a.norm()", x => x[0].norm(), Matrix),
        Of("row norms", "a.norm(dim=1)", x => x[0].norm(1), Matrix),
        Of("quantile", "torch.quantile(a, torch.tensor([0.1, 0.9]), dim=1)",
            x => torch.quantile(x[0], tensor(new[] { 0.1f, 0.9f }), 1), Matrix),
        Of("median", "a.median()", x => x[0].median(), Matrix),
        Of("cumsum", "a.cumsum(1)", x => x[0].cumsum(1), Matrix),
        Of("softmax", "a.softmax(-1)", x => x[0].softmax(-1), Matrix),
        Of("log_softmax", "F.log_softmax(a, 1)", x => F.log_softmax(x[0], 1), Matrix),
        Of("logsumexp", "a.logsumexp(1)", x => x[0].logsumexp(1), Matrix),
        Of("topk", "a.topk(3, 1)[0]", x => x[0].topk(3, 1).values, Matrix),
        Of("sort", "a.sort(1, descending=True)[0]", x => x[0].sort(1, true).Values, Matrix),
        Of("argsort", "a.argsort(1)", x => x[0].argsort(1), Matrix),
    ];

    private static IEnumerable<ParityCase> Shapes() =>
    [
        Of("reshape and permute", "a.reshape(2, 2, 36).permute(2, 0, 1)",
            x => x[0].reshape(2, 2, -1).permute(2, 0, 1), [2, 2, 6, 6]),
        Of("transpose", "a.transpose(0, 1)", x => x[0].transpose(0, 1), Matrix),
        Of("cat", "torch.cat([a, b], 1)", x => torch.cat([x[0], x[1]], 1), Matrix, [4, 2]),
        Of("stack", "torch.stack([a, b], 1)", x => torch.stack([x[0], x[1]], 1), Matrix, Matrix),
        Of("chunk", "a.chunk(3, 1)[2]", x => x[0].chunk(3, 1)[2], Matrix),
        Of("split", "a.split([1, 5], 1)[1]", x => x[0].split([1L, 5], 1)[1], Matrix),
        Of("unbind", "a.unbind(0)[2]", x => x[0].unbind(0)[2], Matrix),
        Of("expand", "a[:, None].expand(4, 3, 6)", x => x[0].unsqueeze(1).expand(4, 3, 6), Matrix),
        Of("repeat", "a.repeat(2, 1)", x => x[0].repeat(2, 1), Matrix),
        Of("repeat_interleave", "a.repeat_interleave(2, 0)", x => x[0].repeat_interleave(2, 0), Matrix),
        Of("flatten and unflatten", "a.flatten(1).reshape(2, 4, 36)",
            x => x[0].flatten(1).unflatten(1, 4, 36), Image),
        Of("narrow", "a.narrow(1, 2, 3)", x => x[0].narrow(1, 2, 3), Matrix),
        Of("flip", "a.flip(0, 1)", x => x[0].flip(0, 1), Matrix),
        Of("roll", "a.roll(1, 0)", x => x[0].roll(1, 0), Matrix),
        Of("pad", "F.pad(a, (0, 1, 2, 0), value=3.0)", x => F.pad(x[0], [0L, 1, 2, 0], value: 3), Image),
        Of("triangle", "a.tril() + a.triu(1) * 2", x => x[0].tril() + x[0].triu(1) * 2, Matrix),
    ];

    private static IEnumerable<ParityCase> Products() =>
    [
        Of("matmul", "a @ b", x => x[0].matmul(x[1]), Matrix, [6, 3]),
        Of("bmm", "torch.bmm(a, b)", x => torch.bmm(x[0], x[1]), [2, 3, 4], [2, 4, 5]),
        Of("outer", "torch.outer(a, b)", x => torch.outer(x[0], x[1]), Vector, [3]),
        Of("einsum", "torch.einsum('bij,bkj->bik', a, b)",
            x => torch.einsum("bij,bkj->bik", x[0], x[1]), [2, 3, 4], [2, 5, 4]),
        Of("inverse", "torch.inverse(a @ a.T + torch.eye(4))",
            x => torch.inverse(x[0].matmul(x[0].T) + eye(4)), Matrix),
        Of("cholesky", "torch.linalg.cholesky(a @ a.T + torch.eye(4))",
            x => torch.cholesky(x[0].matmul(x[0].T) + eye(4)), Matrix),
        Of("linear", "F.linear(a, b, c)", x => F.linear(x[0], x[1], x[2]), Matrix, [3, 6], [3]),
        Of("attention", "torch.softmax(a @ b.transpose(1, 2) / 2, -1) @ c",
            x => F.scaled_dot_product_attention(x[0], x[1], x[2]), [2, 3, 4], [2, 5, 4], [2, 5, 4]),
    ];

    private static IEnumerable<ParityCase> Picks() =>
    [
        Of("index_select", "a.index_select(1, torch.tensor([4, 0, 4]))",
            x => x[0].index_select(1, tensor(new long[] { 4, 0, 4 })), Matrix),
        Of("gather", "a.gather(1, torch.tensor([[0, 2], [1, 1], [5, 0], [3, 3]]))",
            x => x[0].gather(1, tensor(new long[,] { { 0, 2 }, { 1, 1 }, { 5, 0 }, { 3, 3 } })), Matrix),
        Of("scatter_add", "torch.zeros(4, 2).scatter_add(1, torch.tensor([[0, 1, 0, 1, 0, 1]] * 4), a)",
            x => zeros(4, 2).scatter_add(1, tensor(new long[] { 0, 1, 0, 1, 0, 1 }).expand(4, 6), x[0]), Matrix),
        Of("index_add", "torch.zeros(2, 6).index_add(0, torch.tensor([0, 1, 1, 0]), a)",
            x => zeros(2, 6).index_add(0, tensor(new long[] { 0, 1, 1, 0 }), x[0], 1), Matrix),
        Of("slices", "a[1:, ::2]", x => x[0][1.., TensorIndex.Slice(step: 2)], Matrix),
        Of("picked rows", "a[torch.tensor([3, 1])]", x => x[0][tensor(new long[] { 3, 1 })], Matrix),
        Of("masked_select", "a[a > 0]", x => x[0].masked_select(x[0] > 0), Matrix),
        Of("one_hot", "F.one_hot(torch.tensor([2, 0]), 4) + 0 * a.sum().detach()",
            x => F.one_hot(tensor(new long[] { 2, 0 }), 4) + 0 * x[0].sum().detach(), Vector),
        Of("embedding", "F.embedding(torch.tensor([3, 1, 3]), a)",
            x => x[0].index_select(0, tensor(new long[] { 3, 1, 3 })), Matrix),
    ];

    private static IEnumerable<ParityCase> Layers() =>
    [
        Of("conv2d", "F.conv2d(a, b, c, padding=1)",
            x => F.conv2d(x[0], x[1], x[2], padding: [1, 1]), Image, [3, 4, 3, 3], [3]),
        Of("strided conv2d", "F.conv2d(a, b, None, stride=2, padding=1)",
            x => F.conv2d(x[0], x[1], strides: [2, 2], padding: [1, 1]), Image, [3, 4, 3, 3]),
        Of("grouped conv2d", "F.conv2d(a, b, groups=2)",
            x => F.conv2d(x[0], x[1], groups: 2), Image, [4, 2, 3, 3]),
        Of("conv_transpose2d", "F.conv_transpose2d(a, b, stride=2)",
            x => F.conv_transpose2d(x[0], x[1], strides: [2, 2]), [1, 3, 4, 4], [3, 2, 2, 2]),
        Of("group_norm", "F.group_norm(a, 2, b, c)",
            x => F.group_norm(x[0], 2, x[1], x[2]), Image, [4], [4]),
        Of("layer_norm", "F.layer_norm(a, [6], b, c, 1e-6)",
            x => F.layer_norm(x[0], [6], x[1], x[2], 1e-6), Matrix, Vector, Vector),
        Of("nearest upsampling", "F.interpolate(a, scale_factor=2.0, mode='nearest')",
            x => F.interpolate(x[0], scale_factor: [2, 2]), Image),
        Of("nearest resizing", "F.interpolate(a, size=(9, 9))", x => F.interpolate(x[0], [9, 9]), Image),
        Of("bilinear", "F.interpolate(a, size=(9, 9), mode='bilinear', align_corners=False)",
            x => F.interpolate(x[0], [9, 9], mode: InterpolationMode.Bilinear, align_corners: false), Image),
        Of("avg_pool2d", "F.avg_pool2d(a, 2)", x => F.avg_pool2d(x[0], 2), Image),
        Of("max_pool2d", "F.max_pool2d(a, 2)", x => F.max_pool2d(x[0], 2), Image),
        Of("adaptive pooling", "F.adaptive_avg_pool2d(a, 1)", x => F.adaptive_avg_pool2d(x[0], 1), Image),
        Of("unfold", "F.unfold(a, 3, padding=1)", x => F.unfold(x[0], 3, padding: 1), Image),
        Of("pixel_shuffle", "F.pixel_shuffle(a, 2)", x => F.pixel_shuffle(x[0], 2), Image),
    ];

    private static IEnumerable<ParityCase> Losses() =>
    [
        Of("mse", "F.mse_loss(a, b)", x => F.mse_loss(x[0], x[1]), Matrix, Matrix),
        Of("mse per element", "F.mse_loss(a, b, reduction='none')",
            x => F.mse_loss(x[0], x[1], nn.Reduction.None), Matrix, Matrix),
        Of("l1", "F.l1_loss(a, b, reduction='sum')", x => F.l1_loss(x[0], x[1], nn.Reduction.Sum), Matrix, Matrix),
        Of("huber", "F.huber_loss(a, b, delta=0.3)", x => F.huber_loss(x[0], x[1], 0.3), Matrix, Matrix),
        Of("smooth l1", "F.smooth_l1_loss(a, b)", x => F.smooth_l1_loss(x[0], x[1]), Matrix, Matrix),
        Of("cross entropy", "F.cross_entropy(a, torch.tensor([0, 3, 5, 1]))",
            x => F.cross_entropy(x[0], tensor(new long[] { 0, 3, 5, 1 })), Matrix),
        Of("binary cross entropy", "F.binary_cross_entropy_with_logits(a, torch.sigmoid(b))",
            x => F.binary_cross_entropy_with_logits(x[0], x[1].sigmoid()), Matrix, Matrix),
        Of("cosine similarity", "F.cosine_similarity(a, b, 1)",
            x => F.cosine_similarity(x[0], x[1], 1), Matrix, Matrix),
    ];
}
