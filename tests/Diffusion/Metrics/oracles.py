"""What Debian's Python packages compute, for OracleTests.cs: oracles.py metrics|inception|clip FOLDER.

metrics writes inputs.safetensors and prints the numbers as JSON; the other two write a network with seeded random
weights (model.safetensors, config.json) and io.safetensors with pictures and their features.
"""
import json
import pathlib
import struct
import sys

import numpy as np


def write(path, tensors):
    header, data = {}, b""
    for name, value in tensors.items():
        value = np.ascontiguousarray(value)
        kind = {"float32": "F32", "float64": "F64", "int64": "I64"}[str(value.dtype)]
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(data), len(data) + value.nbytes]}
        data += value.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def metrics(folder):
    from scipy.linalg import sqrtm
    from scipy.spatial.distance import cdist
    from skimage.metrics import structural_similarity

    draw = np.random.default_rng(1)
    mix = draw.normal(size=(48, 48)) / 5
    x = draw.normal(size=(300, 48)) @ mix
    y = 0.9 * draw.normal(size=(310, 48)) @ mix + 0.1
    a = draw.integers(0, 256, size=(3, 3, 24, 20)) / 255
    b = np.clip(a + draw.normal(size=a.shape) * 0.1, 0, 1)
    write(folder / "inputs.safetensors", {"x": x, "y": y, "a": a * 2 - 1, "b": b * 2 - 1})

    sigma, other = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = sqrtm(sigma @ other).real
    shift = x.mean(0) - y.mean(0)
    k = lambda p, q: (p @ q.T / p.shape[1] + 1) ** 3
    within = lambda p: (k(p, p).sum() - np.trace(k(p, p))) / (len(p) * (len(p) - 1))
    inside = lambda p, q: cdist(p, q) <= np.sort(cdist(q, q))[:, 3]
    covered = lambda p, q: float(inside(p, q).any(1).mean())
    side = 5  # ours averages where the whole window lies inside
    ssim = [np.mean([structural_similarity(
        one, two, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1, full=True
    )[1][side:-side, side:-side] for one, two in zip(*pair)]) for pair in zip(a, b)]
    print(json.dumps({
        "frechet": shift @ shift + np.trace(sigma + other - 2 * root), "kid": within(x) + within(y) - 2 * k(x, y).mean(),
        "precision": covered(y, x), "recall": covered(x, y), "density": inside(y, x).sum(1).mean() / 3,
        "ssim": ssim}))


def pictures(torch, count, channels):
    return torch.randint(0, 256, (count, channels, 32, 32)).float()


def inception(folder):
    import types

    import torch
    import torch.nn.functional as F
    from torchvision.models import inception as vision

    torch.manual_seed(3)
    net = vision.Inception3(num_classes=1008, aux_logits=False, init_weights=False).eval()
    for name, value in net.state_dict().items():
        if name.endswith("conv.weight"):
            value.normal_(0, (2 / value[0].numel()) ** 0.5)
        elif name.endswith(("bn.weight", "running_var")):
            value.uniform_(0.7, 1.3)
        elif value.is_floating_point():
            value.normal_(0, 0.1)
    write(folder / "model.safetensors", {name: value.numpy() for name, value in net.state_dict().items()})
    # The blocks of torchvision pool with padding that counts; those of FID's graph do not, and the last takes a maximum.
    pools = types.SimpleNamespace(relu=F.relu, max_pool2d=F.max_pool2d)
    vision.F = pools
    seen = pictures(torch, 3, 3)
    with torch.no_grad():
        x = F.interpolate(seen / 255, size=(299, 299), mode="bilinear", align_corners=False) * 2 - 1
        for name, block in net.named_children():
            pools.avg_pool2d = (lambda y, **_: F.max_pool2d(y, 3, stride=1, padding=1)) if name == "Mixed_7c" else (
                lambda y, **_: F.avg_pool2d(y, 3, stride=1, padding=1, count_include_pad=False))
            if name not in ("avgpool", "dropout", "fc"):
                x = block(x)
    write(folder / "io.safetensors", {"pictures": (seen / 127.5 - 1).numpy(), "features": x.mean((2, 3)).numpy()})


def clip(folder):
    import torch
    from torch import nn
    import torch.nn.functional as F

    torch.manual_seed(4)
    width, hidden, layers, heads, side, patch, out = 24, 40, 3, 3, 28, 7, 10
    (folder / "config.json").write_text(json.dumps({
        "model_type": "clip_vision_model", "hidden_size": width, "intermediate_size": hidden, "patch_size": patch,
        "num_hidden_layers": layers, "num_attention_heads": heads, "image_size": side, "projection_dim": out,
        "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5}))
    stored = {}

    def given(name, *shape):
        stored[name] = torch.randn(shape) * 0.4
        return stored[name]

    def linear(path, rows, columns):
        return given(path + ".weight", rows, columns), given(path + ".bias", rows)

    def norm(path, x):
        return F.layer_norm(x, (width,), given(path + ".weight", width), given(path + ".bias", width), 1e-5)

    seen = pictures(torch, 3, 1)
    root = "vision_model."
    mean, std = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
    x = F.interpolate(seen.repeat(1, 3, 1, 1) / 255, size=(side, side), mode="bicubic", align_corners=False)
    x = (x - mean[:, None, None]) / std[:, None, None]
    x = F.conv2d(x, given(root + "embeddings.patch_embedding.weight", width, 3, patch, patch), stride=patch)
    x = x.flatten(2).transpose(1, 2)
    x = torch.cat([given(root + "embeddings.class_embedding", width).expand(len(x), 1, width), x], 1)
    x = norm(root + "pre_layrnorm", x + given(root + "embeddings.position_embedding.weight", x.shape[1], width))
    for layer in range(layers):
        path = f"{root}encoder.layers.{layer}."
        attention = nn.MultiheadAttention(width, heads, batch_first=True)
        ins = [linear(f"{path}self_attn.{name}_proj", width, width) for name in "qkv"]
        attention.in_proj_weight.data, attention.in_proj_bias.data = (torch.cat(part) for part in zip(*ins))
        attention.out_proj.weight.data, attention.out_proj.bias.data = linear(path + "self_attn.out_proj", width, width)
        y = norm(path + "layer_norm1", x)
        x = x + attention(y, y, y)[0]
        y = F.linear(norm(path + "layer_norm2", x), *linear(path + "mlp.fc1", hidden, width))
        x = x + F.linear(y * torch.sigmoid(1.702 * y), *linear(path + "mlp.fc2", width, hidden))
    found = F.linear(norm(root + "post_layernorm", x[:, 0]), given("visual_projection.weight", out, width))
    stored[root + "embeddings.position_ids"] = torch.arange((side // patch) ** 2 + 1)[None]
    write(folder / "model.safetensors", {name: value.numpy() for name, value in stored.items()})
    write(folder / "io.safetensors", {"pictures": (seen / 127.5 - 1).numpy(), "features": found.detach().numpy()})


if __name__ == "__main__":
    {"metrics": metrics, "inception": inception, "clip": clip}[sys.argv[1]](pathlib.Path(sys.argv[2]))
