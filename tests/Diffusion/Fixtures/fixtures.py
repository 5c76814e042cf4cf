"""Makes the fixtures of cases.json with stock diffusers: {name: {config, variant}}, a folder for each."""
import json, sys

import diffusers
import torch
from diffusers.models.attention_processor import Attention
from safetensors.torch import save_file

diffusers.utils.logging.set_verbosity_error()


def count(model, call):
    """Parameters and multiply-accumulates of every module that has weights, by hooks."""
    modules, paths = {}, {module: name for name, module in model.named_modules()}

    def entry(module):
        zeros = {"params": sum(p.numel() for p in module.parameters(recurse=False)), "macs_conv": 0, "macs_linear": 0,
                 "macs_attention": 0}
        return modules.setdefault(paths[module], {"name": paths[module], **zeros})

    def hook(module, _, output):
        if isinstance(module, torch.nn.Conv2d):
            entry(module)["macs_conv"] += output.numel() * module.weight[0].numel()
        elif isinstance(module, torch.nn.Linear):
            entry(module)["macs_linear"] += output.numel() * module.in_features

    def attend(module, _, output):  # of to_q: [n, tokens, width]
        entry(module)["macs_attention"] += 2 * output.numel() * output.shape[1]

    handles = []
    for module in model.modules():
        if isinstance(module, Attention):
            entry(module)
            handles.append(module.to_q.register_forward_hook(lambda _, i, o, module=module: attend(module, i, o)))
        elif any(True for _ in module.parameters(recurse=False)):
            entry(module)
            handles.append(module.register_forward_hook(hook))
    output = call()
    for handle in handles:
        handle.remove()
    keys = ("params", "macs_conv", "macs_linear", "macs_attention")
    return output, {"totals": {key: sum(m[key] for m in modules.values()) for key in keys},
                    "modules": list(modules.values())}


@torch.no_grad()
def make(name, config, variant):
    torch.manual_seed(7)
    model = getattr(diffusers, config["_class_name"]).from_config(config).eval()
    for parameter in model.parameters():
        if parameter.requires_grad:  # nothing is zero, as after training
            parameter.add_(torch.randn_like(parameter) * 0.1)
    if variant:
        model = model.half()
    model.save_pretrained(name, variant=variant)
    model = model.float()
    classes = model.config.get("num_class_embeds") or model.config.get("num_embeds_ada_norm")
    size, width = model.config.sample_size, 4 * config.get("block_out_channels", [0])[0]
    sample, time = torch.randn(2, model.config.in_channels, size, size), torch.tensor([3, 700])
    labels = {"timestep": torch.tensor([5.0, 9.0]), "identity": torch.randn(2, width),
              None: torch.tensor([1, 4]) if classes else None}[config.get("class_embed_type")]
    output, counts = count(model, lambda: model(sample, time, class_labels=labels).sample)
    call = {"id": "a", "inputs": {"sample": {"shape": list(sample.shape)}},
            "outputs": {"sample": {"suggested_atol": 1e-5 * max(1, output.abs().max().item())}}}
    tensors = {"a.in.sample": sample, "a.in.timestep": time, "a.out.sample": output.contiguous()}
    save_file(tensors if labels is None else {**tensors, "a.in.class_labels": labels}, f"{name}/io.safetensors")
    json.dump({"calls": [call]}, open(f"{name}/case.json", "w"))
    json.dump(counts, open(f"{name}/counts.json", "w"))


for name, case in json.load(open("cases.json")).items():
    make(name, case["config"], case.get("variant"))
