"""The PyTorch side of `make bench NAME=steps`: diffusers' own model in eager mode.

Reads one JSON line on standard input, {"config": {...}, "batch": 32, "threads": 2, "device": "cpu", "dtype": "float32"},
answers with the number of parameters, and then answers each command line with one JSON line:
  train N    N optimizer steps on a fixed batch; the milliseconds of each
  sample N   N forward passes without gradients; the milliseconds of each
"""
import json
import sys
import time

import torch
from diffusers import DiTTransformer2DModel, UNet2DModel
from torch.nn import functional as F


def main():
    setup = json.loads(sys.stdin.readline())
    config, batch, device = setup["config"], setup["batch"], torch.device(setup["device"])
    dtype = getattr(torch, setup["dtype"])
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(0)
    family = {"UNet2DModel": UNet2DModel, "DiTTransformer2DModel": DiTTransformer2DModel}[config["_class_name"]]
    model = family.from_config(config).to(device, dtype).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01)
    size, channels = config["sample_size"], config["in_channels"]
    x = torch.randn(batch, channels, size, size).to(device, dtype)
    noise = torch.randn(batch, channels, size, size).to(device, dtype)
    t = (torch.arange(batch) * (1000 // batch)).to(device)
    labels = torch.zeros(batch, dtype=torch.long, device=device)
    labeled = config.get("num_class_embeds") or config.get("num_embeds_ada_norm")

    def predict():
        out = model(x, t, class_labels=labels).sample if labeled else model(x, t).sample
        return out[:, :channels]

    def train():
        loss = F.mse_loss(predict(), noise)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss.item()

    def sample():
        with torch.no_grad():
            return predict().sum().item()

    print(json.dumps({"parameters": sum(p.numel() for p in model.parameters()), "torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        what, count = line.split()
        times = []
        for _ in range(int(count)):
            begin = time.perf_counter()
            {"train": train, "sample": sample}[what]()
            times.append(1000 * (time.perf_counter() - begin))
        print(json.dumps({"ms": times}), flush=True)


main()
