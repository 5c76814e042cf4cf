"""Loads exported folders with stock diffusers and compares them with what C# computed: one JSON line a folder."""
import json, os, shutil, sys

import diffusers
import torch
from diffusers import DiffusionPipeline
from safetensors.torch import load_file

diffusers.utils.logging.set_verbosity_error()
OLD = diffusers.__version__ < "0.38"  # ran the code of a local folder unasked


def refuses(what, call, expected):
    try:
        call()
    except expected as error:
        return str(error)
    raise SystemExit(f"{what} did not refuse")


def distance(expected, actual):
    assert expected.shape == actual.shape, (expected.shape, actual.shape)
    return ((expected - actual).abs().max() / max(1, expected.abs().max())).item()


def load(folder, use):
    return DiffusionPipeline.from_pretrained(folder, **({"trust_remote_code": True} if use["trusts_code"] else {}))


@torch.no_grad()
def check(folder):
    record, probe = json.load(open(f"{folder}/export.json")), load_file(f"{folder}/probe.safetensors")
    pipe = load(folder, record["use"])
    pipe.set_progress_bar_config(disable=True)
    component = "unet" if os.path.isdir(f"{folder}/unet") else "transformer"
    model, labels = getattr(pipe, component), probe.get("labels")
    worst = 0
    if record["steps"] is None:
        for t, expected in zip(probe["timesteps"], probe["outputs"]):
            worst = max(worst, distance(expected, model(probe["sample"], t.expand(2), class_labels=labels).sample))
    else:
        call = lambda **more: pipe(latents=probe["sample"], class_labels=labels, output_type="latent", **more).images
        for _ in range(2):  # a second run starts anew
            worst = max(worst, distance(probe["outputs"], call()))
        said = refuses("another grid", lambda: call(num_inference_steps=11), ValueError)
        assert ("set timesteps=[" if " at timesteps " in record["steps"] else "set num_inference_steps=") in said, said
    if record["format"] == "pruned":
        refuse(folder, component, model)
    if component == "unet":  # the call of the card
        images = eval(f"pipe({record['use']['arguments']}, output_type='np').images".replace("=50", "=2").replace("(, ", "("))
        assert images.shape[0] == 1, images.shape
    return {"difference": worst, "parameters": sum(value.numel() for value in model.state_dict().values())}


def refuse(folder, component, model):
    plain = next(base for base in type(model).__mro__ if base.__module__.startswith("diffusers."))
    refuses("the plain class", lambda: plain.from_pretrained(f"{folder}/{component}"), (OSError, ValueError))
    renamed = shutil.copytree(f"{folder}/{component}", "renamed", dirs_exist_ok=True)
    os.replace(f"{renamed}/model.safetensors", f"{renamed}/diffusion_pytorch_model.safetensors")
    for low in (True, False):
        refuses("the plain class, weights renamed",
                lambda: plain.from_pretrained(renamed, low_cpu_mem_usage=low), (OSError, ValueError, RuntimeError))
    if not OLD:
        refuses("a pipeline without trust", lambda: DiffusionPipeline.from_pretrained(folder), ValueError)
    model.save_pretrained("saved")
    again = type(model).from_pretrained("saved")
    assert all(torch.equal(value, again.state_dict()[key]) for key, value in model.state_dict().items())
    weights = load_file("saved/model.safetensors")
    key, value = weights.popitem()
    refuses("a missing tensor", lambda: again.load_state_dict(weights), RuntimeError)


for name in sys.argv[1:]:
    print("RESULT", json.dumps({"name": name, **check(name)}), flush=True)
