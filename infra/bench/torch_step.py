"""The PyTorch side of `mlops bench step`: the same UNet2DModel in eager mode on the same libtorch.

Reads a diffusers config.json, then one command per line on standard input and answers each with one JSON line:
  train N    N optimiser steps on a fixed batch; the milliseconds of each
  sample N   N denoising steps without gradients; the milliseconds of each
"""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Resnet(nn.Module):
    def __init__(self, cin, cout, temb, groups, eps):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, cin, eps=eps)
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        self.time_emb_proj = nn.Linear(temb, cout)
        self.norm2 = nn.GroupNorm(groups, cout, eps=eps)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(cin, cout, 1) if cin != cout else None

    def forward(self, x, temb):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time_emb_proj(F.silu(temb))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.conv_shortcut(x) if self.conv_shortcut is not None else x) + h


class Attention(nn.Module):
    def __init__(self, channels, head_dim, groups, eps):
        super().__init__()
        self.heads = channels // (head_dim or channels)
        self.group_norm = nn.GroupNorm(groups, channels, eps=eps)
        self.to_q, self.to_k, self.to_v, self.to_out = (nn.Linear(channels, channels) for _ in range(4))

    def forward(self, x):
        n, c, h, w = x.shape
        y = self.group_norm(x.view(n, c, h * w)).transpose(1, 2)
        split = lambda z: z.view(n, h * w, self.heads, c // self.heads).transpose(1, 2).reshape(
            n * self.heads, h * w, c // self.heads)
        q, k, v = split(self.to_q(y)), split(self.to_k(y)), split(self.to_v(y))
        p = torch.softmax(torch.bmm(q, k.transpose(1, 2)) * (c // self.heads) ** -0.5, dim=-1)
        y = torch.bmm(p, v).view(n, self.heads, h * w, c // self.heads).transpose(1, 2).reshape(n, h * w, c)
        return x + self.to_out(y).transpose(1, 2).reshape(n, c, h, w)


class Block(nn.Module):
    def __init__(self, widths, cout, temb, config, attend, sampler):
        super().__init__()
        groups, eps = config["norm_num_groups"], config["norm_eps"]
        self.resnets = nn.ModuleList(Resnet(cin, cout, temb, groups, eps) for cin in widths)
        head = config.get("attention_head_dim")
        self.attentions = nn.ModuleList(Attention(cout, head, groups, eps) for _ in widths) if attend else None
        self.sampler = sampler


class UNet(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        channels, layers = config["block_out_channels"], config["layers_per_block"]
        temb = 4 * channels[0]
        self.conv_in = nn.Conv2d(config["in_channels"], channels[0], 3, padding=1)
        self.linear_1, self.linear_2 = nn.Linear(channels[0], temb), nn.Linear(temb, temb)
        classes = config.get("num_class_embeds")
        self.class_embedding = nn.Embedding(classes, temb) if classes else None
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        skips, width = [channels[0]], channels[0]
        for level, cout in enumerate(channels):
            last = level == len(channels) - 1
            widths = [width if i == 0 else cout for i in range(layers)]
            pad = config.get("downsample_padding", 1)
            down = None if last else nn.Conv2d(cout, cout, 3, stride=2, padding=pad)
            self.down.append(Block(widths, cout, temb, config, "Attn" in config["down_block_types"][level], down))
            skips += [cout] * (layers + (0 if last else 1))
            width = cout
        groups, eps = config["norm_num_groups"], config["norm_eps"]
        self.mid = nn.ModuleList([Resnet(width, width, temb, groups, eps) for _ in range(2)])
        self.mid_attention = Attention(width, config.get("attention_head_dim"), groups, eps) \
            if config.get("add_attention", True) else None
        for level, cout in enumerate(reversed(channels)):
            last = level == len(channels) - 1
            widths = [(width if i == 0 else cout) + skips.pop() for i in range(layers + 1)]
            up = None if last else nn.Conv2d(cout, cout, 3, padding=1)
            self.up.append(Block(widths, cout, temb, config, "Attn" in config["up_block_types"][level], up))
            width = cout
        self.conv_norm_out = nn.GroupNorm(groups, width, eps=eps)
        self.conv_out = nn.Conv2d(width, config["out_channels"], 3, padding=1)

    def embed(self, t, labels):
        half = self.config["block_out_channels"][0] // 2
        rate = torch.exp(-math.log(10000) * torch.arange(half) / (half - self.config.get("freq_shift", 0)))
        angle = t[:, None].float() * rate[None]
        emb = self.linear_2(F.silu(self.linear_1(torch.cat([angle.sin(), angle.cos()], dim=-1))))
        return emb if self.class_embedding is None else emb + self.class_embedding(labels)

    def forward(self, x, t, labels):
        temb = self.embed(t, labels)
        x = self.conv_in(x)
        skips = [x]
        for block in self.down:
            for i, resnet in enumerate(block.resnets):
                x = resnet(x, temb)
                x = block.attentions[i](x) if block.attentions is not None else x
                skips.append(x)
            if block.sampler is not None:
                x = F.pad(x, (0, 1, 0, 1)) if block.sampler.padding == (0, 0) else x
                x = block.sampler(x)
                skips.append(x)
        x = self.mid[0](x, temb)
        x = self.mid_attention(x) if self.mid_attention is not None else x
        x = self.mid[1](x, temb)
        for block in self.up:
            for i, resnet in enumerate(block.resnets):
                x = resnet(torch.cat([x, skips.pop()], dim=1), temb)
                x = block.attentions[i](x) if block.attentions is not None else x
            if block.sampler is not None:
                x = block.sampler(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return self.conv_out(F.silu(self.conv_norm_out(x)))


def main():
    config = json.load(open(sys.argv[1]))
    batch, threads = int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = UNet(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)
    shape = (batch, config["in_channels"], config["sample_size"], config["sample_size"])
    x, noise = torch.randn(shape), torch.randn(shape)
    t = torch.arange(batch) * (1000 // batch)
    labels = torch.zeros(batch, dtype=torch.long)

    def train():
        loss = F.mse_loss(model(x, t, labels), noise)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    def sample():
        with torch.no_grad():
            return model(x, t, labels).sum().item()

    print(json.dumps({"parameters": sum(p.numel() for p in model.parameters()), "torch": torch.__version__}),
          flush=True)
    for line in sys.stdin:
        what, count = line.split()
        times = []
        for _ in range(int(count)):
            begin = time.perf_counter()
            {"train": train, "sample": sample}[what]()
            times.append(1000 * (time.perf_counter() - begin))
        print(json.dumps({"ms": times}), flush=True)


main()
