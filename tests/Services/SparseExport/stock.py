"""Loads exported folders with stock diffusers and compares them with what C# computed: one JSON line a folder."""
import json, os, shutil, sys

import diffusers
import torch
from diffusers import DDIMScheduler, DiffusionPipeline, DPMSolverMultistepScheduler
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


def plain_class(model):
    return next(base for base in type(model).__mro__ if base.__module__.startswith("diffusers."))


def by_hooks(pipe, model, x, labels, table):
    """The dense class runs all of its layers; hooks put what a step carries on in place of what they give."""
    config = {key: value for key, value in model.config.items() if key != "pruned"}
    dense = plain_class(model).from_config(config).eval()
    dense.load_state_dict(model.state_dict())
    actions, seen, outputs, now = table["actions"], {}, {}, 0
    whole = any(action.get("carry") == "output" for action in actions)

    def last_two(kept, name):
        steps = [step for key, step in kept if key == name]
        a, b = steps[-1], steps[-2:][0]
        return a, kept[name, a], (kept[name, a] - kept[name, b]) / (a - b) if a > b else 0

    def stand_in(name):
        def hook(module, inputs, output):
            short = getattr(module, "conv_shortcut", None)
            bypass = 0 if whole else inputs[0] if short is None else short(inputs[0])
            if name not in actions[now].get("layers", []):
                seen[name, now] = output - bypass
                return output
            a, value, slope = last_two(seen, name)
            return bypass + value + actions[now]["beta"] * (now - a) * slope
        return hook

    for name in {name for action in actions for name in action.get("layers", [])}:
        dense.get_submodule(name).register_forward_hook(stand_in(name))
    pipe.scheduler.set_timesteps(len(actions))
    for now, t in enumerate(pipe.scheduler.timesteps):
        if "forecast" in actions[now]:
            a, value, slope = last_two(outputs, "epsilon")
            output = value + actions[now]["beta"] * (now - a) * slope
        else:
            output = pipe._predict(dense, x, t, labels, table["guidance"], dense.config.get("num_embeds_ada_norm"))
        if "run" in actions[now]:
            outputs["epsilon", now] = output
        x = pipe.scheduler.step(output, t, x).prev_sample
    return x


def macs(model, call, samples):
    """Multiply-accumulates of what really ran, for one sample."""
    counted = [0]

    def count(module, inputs, output):
        counted[0] += output.numel() * module.weight[0].numel()
        if module in queries:  # two products of attention
            counted[0] += 2 * output.numel() * output.shape[1]

    queries = {module.to_q for module in model.modules() if hasattr(module, "to_q")}
    hooks = [module.register_forward_hook(count) for module in model.modules()
             if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear))]
    call()
    for hook in hooks:
        hook.remove()
    return counted[0] / samples


def load(folder, use):
    return DiffusionPipeline.from_pretrained(folder, **({"trust_remote_code": True} if use["trusts_code"] else {}))


def one_pack_at_a_time(model):
    def reading(pack, read=model._read):
        assert not model._held[1], f"{model._held[0]} is held while {pack} is read"
        return read(pack)
    model._read = reading


@torch.no_grad()
def check(folder):
    record, probe = json.load(open(f"{folder}/export.json")), load_file(f"{folder}/probe.safetensors")
    pipe = load(folder, record["use"])
    pipe.set_progress_bar_config(disable=True)
    component = "unet" if os.path.isdir(f"{folder}/unet") else "transformer"
    model, labels = getattr(pipe, component), probe.get("labels")
    if record["format"] == "pruned":
        one_pack_at_a_time(model)
    worst = 0
    if record["steps"] is None:
        for t, expected in zip(probe["timesteps"], probe["outputs"]):
            worst = max(worst, distance(expected, model(probe["sample"], t.expand(2), class_labels=labels).sample))
    else:
        call = lambda **more: pipe(latents=probe["sample"], class_labels=labels, output_type="latent", **more).images
        table = model.config.pruned["plan"]["steps"]
        for more in ({}, {"num_inference_steps": table["steps"]}):  # a second run starts anew
            worst = max(worst, distance(probe["outputs"], call(**more)))
        said = refuses("another grid", lambda: call(num_inference_steps=11), ValueError)
        assert ("set timesteps=[" if " at timesteps " in record["steps"] else "set num_inference_steps=") in said, said
        refuse_another_sampler(pipe, call, table)
        if any("layers" in action for action in table["actions"]):
            worst = max(worst, distance(probe["outputs"], by_hooks(pipe, model, probe["sample"], labels, table)))
            branches = 1 if table["guidance"] == 1 else 2
            expected = record["total_kept_ratio"] * record["dense_macs"] * table["dense_steps"] * branches
            counted = macs(model, call, len(probe["sample"]))
            assert abs(counted - expected) <= 1e-6 * expected, (counted, expected)
    if record["format"] == "pruned":
        del model._read
        refuse(folder, component, model)
    if component == "unet":  # the call of the card
        images = eval(f"pipe({record['use']['arguments']}, output_type='np').images".replace("=50", "=2").replace("(, ", "("))
        assert images.shape[0] == 1, images.shape
    return {"difference": worst, "parameters": sum(value.numel() for value in model.state_dict().values())}


def refuse_another_sampler(pipe, call, table):
    said = refuses("another guidance", lambda: call(guidance_scale=table["guidance"] + 1.5), ValueError)
    assert f"is for guidance_scale={table['guidance']:g}, not {table['guidance'] + 1.5:g}; leave" in said, said
    own = pipe.scheduler
    others = [next(kind for kind in (DDIMScheduler, DPMSolverMultistepScheduler) if not isinstance(own, kind))
              .from_config(own.config)]
    if table["sampler"] == "ddim" and "timesteps" in table:  # a solver of order 1 stands for it
        others.append(type(own).from_config(own.config, solver_order=2))
    for pipe.scheduler in others:
        said = refuses("another scheduler", call, ValueError)
        assert f"but the scheduler is {type(pipe.scheduler).__name__}; load the pipeline again" in said, said
    pipe.scheduler = own


def refuse(folder, component, model):
    plain = plain_class(model)
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
