"""What stock diffusers makes of a folder, one JSON line.

    exports.py load FOLDER           seconds, and MiB that this process needs more at its peak
    exports.py time DENSE FOLDER     how many times faster than the dense model, network alone, steps of one picture
"""
import json, os, resource, statistics, sys, time

import diffusers
import torch
from diffusers import DiffusionPipeline

diffusers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)
ROUNDS, STEPS, TIMESTEPS = 5, 20, 1000


def load(folder):
    if os.path.exists(f"{folder}/config.json"):  # a model alone
        name = json.load(open(f"{folder}/config.json"))["_class_name"]
        return getattr(diffusers, name).from_pretrained(folder)
    record = f"{folder}/export.json"
    trusts = os.path.exists(record) and json.load(open(record))["use"]["trusts_code"]
    pipe = DiffusionPipeline.from_pretrained(folder, **({"trust_remote_code": True} if trusts else {}))
    return getattr(pipe, "unet", None) or pipe.transformer


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@torch.no_grad()
def seconds(model, times, labels):
    sample = torch.randn(1, model.config.in_channels, model.config.sample_size, model.config.sample_size)
    start = time.perf_counter()
    for t in times:
        model(sample, torch.tensor([t]), class_labels=labels)
    return time.perf_counter() - start


if sys.argv[1] == "load":
    before, start = peak(), time.perf_counter()
    model = load(sys.argv[2])
    print("ROW", json.dumps({"seconds": time.perf_counter() - start, "memory": peak() - before}))
else:
    dense, model = load(sys.argv[2]), load(sys.argv[3])
    grid = (dict(model.config).get("pruned") or {}).get("grid")
    times = grid["timesteps"] if grid else [TIMESTEPS - 1 - step * TIMESTEPS // STEPS for step in range(STEPS)]
    labeled = dense.config.get("num_class_embeds") or dense.config.get("num_embeds_ada_norm")
    labels = torch.zeros(1, dtype=torch.long) if labeled else None
    pairs = [(seconds(dense, times, labels), seconds(model, times, labels)) for _ in range(ROUNDS + 1)]
    print("ROW", json.dumps({"faster": statistics.median(a / b for a, b in pairs[1:])}))  # the first pair warms up
