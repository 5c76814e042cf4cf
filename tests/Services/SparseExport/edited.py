"""Holds what the loader makes of edited plans against what C# made of them: each is refused, or means the same."""
import os, sys

import diffusers
import torch
from diffusers import DiffusionPipeline
from safetensors.torch import load_file

diffusers.utils.logging.set_verbosity_error()
compared = refused = 0
crashes, unlike = [], []


@torch.no_grad()
def answer(kind, folder, probe):
    model = kind.from_pretrained(folder)
    times, labels = probe["timesteps"], probe.get("labels")
    return torch.stack([model(probe["sample"], t.expand(2), class_labels=labels).sample for t in times])


for name in sys.argv[1:]:
    component = "unet" if os.path.isdir(f"{name}/unet") else "transformer"
    kind = type(getattr(DiffusionPipeline.from_pretrained(name, trust_remote_code=True), component))
    probe = load_file(f"{name}/probe.safetensors")
    for edit, text in enumerate(open(f"{name}/edited.txt").read().splitlines()):
        with open(f"{name}/{component}/config.json", "w") as config:
            config.write(text)
        compared += 1
        try:
            actual = answer(kind, f"{name}/{component}", probe)
        except (ValueError, RuntimeError):  # the second by PyTorch, of weights that do not fit; all else is a crash
            refused += 1
            continue
        except Exception as error:
            crashes.append((name, edit, repr(error)))
            continue
        if os.path.exists(f"{name}/edited-{edit}.safetensors"):
            expected = load_file(f"{name}/edited-{edit}.safetensors")["outputs"]
            apart = ((expected - actual).abs().max() / max(1, expected.abs().max())).item()
            if apart > 1e-5:
                unlike.append((name, edit, apart, text[text.index('"pruned"'):]))
assert not crashes and not unlike, (crashes, unlike)
print(f"{compared} edited plans, {refused} refused")
