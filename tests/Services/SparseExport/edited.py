"""Holds what the loader makes of edited plans against what C# made of them: each is refused, or means the same;
where only the step table or its grid was edited, both refuse or none does."""
import json, os, sys

import diffusers
import torch
from diffusers import DiffusionPipeline
from safetensors.torch import load_file

diffusers.utils.logging.set_verbosity_error()
compared = refused = 0
crashes, unlike, alone = [], [], []


@torch.no_grad()
def answer(pipe, component, folder, probe):
    model = type(getattr(pipe, component)).from_pretrained(folder)
    times, labels = probe["timesteps"], probe.get("labels")
    if model.config.pruned["plan"].get("steps"):
        pipe = type(pipe)(scheduler=pipe.scheduler, **{component: model})
        pipe.set_progress_bar_config(disable=True)
        return pipe(latents=probe["sample"], class_labels=labels, output_type="latent").images
    return torch.stack([model(probe["sample"], t.expand(2), class_labels=labels).sample for t in times])


def beside_table(text):
    entry = json.loads(text)["pruned"]
    plan = entry.get("plan")
    return {**entry, "grid": None, "plan": {**plan, "steps": None} if isinstance(plan, dict) else plan}


for name in sys.argv[1:]:
    component = "unet" if os.path.isdir(f"{name}/unet") else "transformer"
    pipe = DiffusionPipeline.from_pretrained(name, trust_remote_code=True)
    original = open(f"{name}/{component}/config.json").read()
    probe = load_file(f"{name}/probe.safetensors")
    for edit, text in enumerate(open(f"{name}/edited.txt").read().splitlines()):
        with open(f"{name}/{component}/config.json", "w") as config:
            config.write(text)
        compared += 1
        ours = os.path.exists(f"{name}/edited-{edit}.safetensors")
        same = beside_table(text) == beside_table(original)
        try:
            actual = answer(pipe, component, f"{name}/{component}", probe)
        except (ValueError, RuntimeError) as error:  # the second by PyTorch, of weights that do not fit
            refused += 1
            if same and (ours or type(error) is not ValueError):
                alone.append((name, edit, repr(error), text[text.index('"pruned"'):]))
            continue
        except Exception as error:
            crashes.append((name, edit, repr(error)))
            continue
        if same and not ours:
            alone.append((name, edit, "was read", text[text.index('"pruned"'):]))
        if ours:
            expected = load_file(f"{name}/edited-{edit}.safetensors")["outputs"]
            apart = ((expected - actual).abs().max() / max(1, expected.abs().max())).item()
            if apart > 1e-5:
                unlike.append((name, edit, apart, text[text.index('"pruned"'):]))
assert not crashes and not unlike and not alone, (crashes, unlike, alone)
print(f"{compared} edited plans, {refused} refused")
