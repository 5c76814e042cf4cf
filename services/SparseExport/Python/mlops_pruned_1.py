"""Runs a diffusion model that mlops pruned, with PyTorch and diffusers alone:

    pipe = DiffusionPipeline.from_pretrained("FOLDER", trust_remote_code=True)

The entry "pruned" of config.json says how the network differs from the dense one that the rest of the file describes:
    plan      rows [[variant, timesteps], ...] from timestep 0 up; layers that each variant skips, channels it keeps,
              and the "pack" of weights that it runs on in place of the network's own, PACK/NAME in the file;
              where outputs are forecast, or layers reused, "steps": what to do at each step of one sampler
    grid      timestep, alpha and sigma of each of those steps, and what the network predicts
    time      "native": the network gets timesteps; "flow": it gets a time, and (k, k + 1] belongs to row k
    absent, shapes, norm_groups, heads      modules without weights, and what has another size
"""
import contextlib, inspect, math, os, shutil

import diffusers, torch
from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.attention_processor import Attention
from diffusers.models.resnet import Downsample2D, ResnetBlock2D, Upsample2D
from huggingface_hub import hf_hub_download
from safetensors import safe_open
from safetensors.torch import save_file

FORMAT, WEIGHTS, FILE = "mlops.pruned/1", "model.safetensors", "mlops_pruned_1.py"
ENTRIES = {"format", "plan", "grid", "time", "absent", "shapes", "norm_groups", "heads"}
LOCKS = ("conv_in.bias", "pos_embed.proj.bias")  # stored as [1, C], which every class but these refuses
TABLE = {"sampler", "steps", "dense_steps", "guidance", "use_clipped_model_output", "aim", "actions"}
SAMPLERS = ("ddim", "ddpm", "dpm-solver", "euler", "flow-euler")
PREDICTIONS = ("epsilon", "sample", "v_prediction", "flow")
LAYERS, RESAMPLERS = (ResnetBlock2D, Attention, BasicTransformerBlock), (Downsample2D, Upsample2D)
NEAR = 0.01  # so near to a timestep a time is taken for it

class Routed:  # comes before a layer's own class in its bases
    skip, carry, kept, past, rows, columns = False, None, None, (), slice(None), slice(None)

    def forward(self, x, *args, **kwargs):
        if self.skip:
            return x[:, : getattr(self, "width", None)]  # the decoder appends encoder features to a width
        if isinstance(self, torch.nn.Linear):  # its part is gathered while it runs
            bias = self.bias if self.bias is None else self.bias[self.rows]
            columns = self.columns if self.weight.shape[1] == self.in_features else slice(None)  # a pack's are cut
            return torch.nn.functional.linear(x, self.weight[self.rows][:, columns], bias)
        ran, short = self.carry is None, getattr(self, "conv_shortcut", None)  # carry is the beta of one that waits
        y = super().forward(x, *args, **kwargs) if ran else None
        if not self.kept:
            return y
        bypass = 0 if self.kept == "output" else x if short is None else short.last if ran else short(x)
        if ran:
            self.past = [*(self.past[-1:] if self.now else ()), (self.now, y - bypass)]
            return y
        (first, before), (step, last) = self.past[0], self.past[-1]
        return bypass + (last + (last - before) * (self.carry * (self.now - step) / max(step - first, 1)))

def channels(modules, root, kept):  # what a variant sets: (module, attribute, value); kept is None where all stay
    parent, heads = root.rpartition(".")[0], root.endswith(".to_v")
    out = modules[parent + ".to_out.0" if heads else parent[:-1] + "2"]
    if kept and not all(type(channel) is int and 0 <= channel < out.in_features for channel in kept):
        raise ValueError(f'"pruned" in config.json keeps channels of {root} that this network does not have')
    starts = range(0, modules[root].out_features, out.in_features)  # a gated unit has two rows for each neuron
    rows = torch.cat([torch.tensor(kept) + start for start in starts]) if kept else slice(None)
    yield out, "columns", torch.tensor(kept) if kept else slice(None)
    yield from ((modules[name], "rows", rows) for name in ([f"{parent}.to_{i}" for i in "qkv"] if heads else [root]))
    if heads:
        yield modules[parent], "heads", len(kept or range(out.in_features)) * modules[parent].heads // out.in_features

def require(holds, complaint):
    if not holds:
        raise ValueError(f'"pruned" in config.json {complaint}; export the model again')

def is_number(value, largest=1e308):
    return type(value) in (int, float) and abs(value) <= largest

def is_whole(value, least, most):
    return type(value) is int and least <= value <= most

def is_action(action, variants):
    if not isinstance(action, dict):
        return False
    keys, layers = {*action}, action.get("layers")
    if keys == {"run"}:
        return is_whole(action["run"], 0, variants - 1)
    if keys - {"gamma"} == {"forecast", "beta"}:
        known, factors = action["forecast"] in ("v", "epsilon", "x0"), (action["beta"], action.get("gamma", 0))
        return known and all(is_number(factor, 4) for factor in factors)
    return (keys == {"carry", "layers", "beta"} and action["carry"] in ("residual", "output")
            and is_number(action["beta"], 4) and isinstance(layers, list) and layers != []
            and all(isinstance(layer, str) and layers.count(layer) == 1 for layer in layers))

def check_table(steps, grid, variants, modules):  # the limits that mlops itself has
    require(isinstance(steps, dict) and TABLE <= {*steps} <= {*TABLE, "timesteps", "dense_sampler"},
            f"must have a step table of the entries {sorted(TABLE)}")
    actions, count, own = steps["actions"], steps["steps"], steps.get("timesteps")
    require(is_whole(count, 1, 1000) and isinstance(actions, list) and len(actions) == count,
            "must have a step table of 1 to 1000 steps and one action for each")
    require(steps["sampler"] in SAMPLERS and steps.get("dense_sampler") in (None, *SAMPLERS),
            f"must have a step table for samplers among {', '.join(SAMPLERS)}")
    require(is_whole(steps["dense_steps"], 1, 1000) and is_number(steps["guidance"])
            and type(steps["use_clipped_model_output"]) is bool and steps["aim"] in ("sampler", "fine"),
            "must have a step table for 1 to 1000 dense_steps, a number as guidance, use_clipped_model_output true or "
            "false, and the aim sampler or fine")
    for step, action in enumerate(actions):
        require(is_action(action, len(variants)),
                f"must say at step {step} either run with one of its {len(variants)} variants, or forecast with one of "
                "v, epsilon, x0, beta and gamma in [-4, 4], or carry with residual or output, layers, each "
                "once, and beta in [-4, 4]")
    require("run" in actions[0], "forecasts or carries layers on in its first step, before any has run")
    carries = [action for action in actions if "carry" in action]
    require(len({action["carry"] for action in carries}) < 2, "carries residuals in some steps and outputs in others")
    require(not any(carries and variant.get(key) for variant in variants for key in ("skip", "keep", "pack")),
            "carries layers on, which needs a plan that leaves nothing out")
    for kinds, action in [(LAYERS + RESAMPLERS * (action["carry"] == "output"), action) for action in carries]:
        require(all(isinstance(modules.get(layer), kinds) for layer in action["layers"]),
                f"carries on one of {action['layers']} that this network lacks, or has with no {action['carry']}")
    require(isinstance(grid, dict) and {*grid} == {"prediction", "timesteps", "alphas", "sigmas"}
            and grid["prediction"] in PREDICTIONS
            and all(isinstance(values, list) and len(values) == count and all(map(is_number, values))
                    for key, values in grid.items() if key != "prediction"),
            f"must have a grid of {count} timesteps, alphas and sigmas, and a prediction of {', '.join(PREDICTIONS)}")
    times, total = grid["timesteps"], sum if grid["prediction"] == "flow" else lambda level: math.hypot(*level)
    require(all(before - after > 2 * NEAR for before, after in zip(times, times[1:])),
            f"has a grid whose timesteps do not fall by more than {2 * NEAR} from step to step")
    require(all(min(level) >= 0 and abs(total(level) - 1) < 1e-5 for level in zip(grid["alphas"], grid["sigmas"])),
            "has a grid with a step whose alpha and sigma do not belong together")
    require(own is None or isinstance(own, list) and len(own) == count
            and all(type(t) is int and abs(t - time) <= NEAR for t, time in zip(own, times)),
            "has timesteps of its own that are not those of its grid")
    require(own is None or steps["sampler"] != "ddim" or steps["use_clipped_model_output"],
            "has timesteps of its own for ddim without use_clipped_model_output")

class Forecaster:  # follows the step table: which steps call the network, and what the others return
    def __init__(self, steps, grid):
        self.steps, self.grid, self.now, self.runs = steps, grid, -1, []
        self.levels = list(zip(grid["alphas"], grid["sigmas"]))

    def advance(self, time, shape):
        times = self.grid["timesteps"]
        step = 0 if abs(time - times[0]) < NEAR else self.now + 1  # the first timestep starts another run
        if abs(time - times[step % len(times)]) > NEAR or (step and self.runs[-1][1].shape != shape):
            own = self.steps.get("timesteps")
            raise ValueError(f"this model is for {self.steps['sampler']} with {len(times)} steps from {times[0]:g} on, "
                             f"but got {time:g} after {self.now + 1} of them; set "
                             + (f"timesteps={own}" if own else f"num_inference_steps={len(times)}"))
        self.now, self.runs = step, self.runs if step else []
        return self.steps["actions"][step]

    def forecast(self, x, forecast, beta, gamma=0):
        own, runs = self.grid["prediction"], self.runs[-3:]
        wanted = {"epsilon": "epsilon", "x0": "sample", "v": "flow" if own == "flow" else "v_prediction"}[forecast]
        values = [convert(own, wanted, y[:, : x.shape[1]], at, *self.levels[step]) for step, at, y in runs]
        gaps = [now[0] - before[0] for before, now in zip(runs, runs[1:])]
        slopes = [(now - before) / gap for before, now, gap in zip(values, values[1:], gaps)]
        value, ahead = values[-1], self.now - runs[-1][0]
        if slopes:  # a Taylor expansion with backward differences, each with a factor
            value = value + slopes[-1] * (beta * ahead) + (slopes[-1] - slopes[0]) * (gamma * ahead**2 / 2 / gaps[-1])
        return torch.cat([convert(wanted, own, value, x, *self.levels[self.now]), runs[-1][2][:, x.shape[1]:]], 1)

def convert(have, want, value, x, alpha, sigma):  # of predictions, where x = alpha * clean + sigma * noise
    clean, noise = {"epsilon": ((x - sigma * value) / alpha, value), "sample": (value, (x - alpha * value) / sigma),
                    "v_prediction": (alpha * x - sigma * value, alpha * value + sigma * x),
                    "flow": (x - sigma * value, x + alpha * value)}[have]
    velocity = alpha * noise - sigma * clean
    return {"epsilon": noise, "sample": clean, "v_prediction": velocity, "flow": noise - clean, have: value}[want]

class Pruned:  # comes before the class of the dense model in its bases
    def _prune(self, entry):
        if not entry or entry.get("format") != FORMAT or set(entry) != ENTRIES:
            raise ValueError(f'"pruned" in config.json must have the format {FORMAT} and the entries {sorted(ENTRIES)}')
        modules, plan = dict(self.named_modules()), entry["plan"]
        for key, shape in entry["shapes"].items():
            setattr(modules[key.rpartition(".")[0]], key.rpartition(".")[2], torch.nn.Parameter(torch.empty(shape)))
        for name, value in {**entry["norm_groups"], **entry["heads"]}.items():
            if type(value) is not int or value < 1:
                raise ValueError(f'"pruned" in config.json gives {name} {value} heads or groups; it must be an integer')
            setattr(modules[name], "heads" if isinstance(modules[name], Attention) else "num_groups", value)
        for module in modules.values():  # what remembers a width of its own
            if isinstance(module, ResnetBlock2D):
                module.width = module.conv2.weight.shape[0]
            elif isinstance(module, Attention):
                module.scale = (module.to_q.weight.shape[0] / module.heads) ** -0.5
            elif isinstance(getattr(module, "conv", None), torch.nn.Conv2d) and hasattr(module, "channels"):
                module.channels = module.conv.weight.shape[1]
        for module in (modules[name] for name in entry["absent"]):
            module._parameters = dict.fromkeys(module._parameters)
        skips, roots = ({name for variant in plan["variants"] for name in variant[key]} for key in ("skip", "keep"))
        several = any(variant["keep"] != plan["variants"][0]["keep"] for variant in plan["variants"])  # else all cut
        self._settings = [[*((modules[name], "skip", name in variant["skip"]) for name in skips), *(
            each for root in roots if several for each in channels(modules, root, variant["keep"].get(root)))]
            for variant in plan["variants"]]
        self._packs, self._file, self._held = [variant.get("pack") for variant in plan["variants"]], None, (None, [])
        self._rows = [variant for variant, length in plan["rows"] for _ in range(length)]
        if not self._rows or not {*self._rows} <= {*range(len(self._settings))}:
            raise ValueError('"pruned" in config.json has rows of variants that it does not have')
        steps, grid = plan.get("steps"), entry["grid"]
        require((steps is None) == (grid is None), "has a step table without a grid, or a grid without one")
        if steps is not None:
            check_table(steps, grid, plan["variants"], modules)
        self._forecaster = Forecaster(steps, grid) if steps else None
        kept = {name: action["carry"] for action in (steps["actions"] if steps else ())
                for name in action.get("layers", ())}
        self._carried = {name: modules[name] for name in kept}
        routed = {layer for layer, _, _ in self._settings[0]} | set(self._carried.values())
        for name, layer in [(name, layer) for name, layer in modules.items() if layer in routed]:
            own = {"__module__": __name__, "kept": kept.get(name)}
            layer.__class__ = type(type(layer).__name__, (Routed, type(layer)), own)
            if layer.kept and getattr(layer, "conv_shortcut", None) is not None:
                layer.conv_shortcut.register_forward_hook(lambda conv, x, y: setattr(conv, "last", y))

    def _read(self, pack):  # tensors by the names that the file has; those of the network itself are in no pack
        if not self._file:
            raise ValueError(f"this model runs on the weights '{pack}' of its file; load it with from_pretrained")
        with safe_open(self._file, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys() if name.rpartition("/")[0] == pack}

    @contextlib.contextmanager
    def _weights_of(self, pack):  # they are in place during a call only; one pack is held at a time
        wanted, places = (pack, self.device, self.dtype), []
        if pack and self._held[0] != wanted:
            self._held = None, []  # before the next one is read
            for name, value in self._read(pack).items():
                module, _, key = name[len(pack) + 1:].rpartition(".")
                value = torch.nn.Parameter(value.to(self.device, self.dtype), requires_grad=False)
                places.append((self.get_submodule(module)._parameters, key, value))
            if not places:
                raise ValueError(f"{self._file} lacks the weights '{pack}' of its plan; export the model again")
            self._held = wanted, places
        places = self._held[1] if pack else []
        own = [(parameters, key, parameters[key]) for parameters, key, _ in places]
        try:
            for parameters, key, value in places:
                parameters[key] = value
            yield
        finally:
            for parameters, key, value in own:
                parameters[key] = value

    def _variant(self, times):
        rows = [math.ceil(round(t, 3)) - 1 if self.config.pruned["time"] == "flow" else round(t) for t in times]
        variants = {self._rows[min(max(row, 0), len(self._rows) - 1)] for row in rows}
        if len(variants) > 1:
            raise ValueError(f"timesteps {times} belong to different sub-networks; call the model once for each")
        return variants.pop()

    def forward(self, *args, return_dict=True, **kwargs):
        call = inspect.signature(super().forward).bind(*args, **kwargs)
        x, timestep = list(call.arguments.values())[:2]
        times, table = torch.as_tensor(timestep).flatten().tolist(), self._forecaster
        action = table.advance(times[0], x.shape) if table else {"run": self._variant(times)}
        if "forecast" in action:
            output = table.forecast(x, **action)
        else:
            variant = action.get("run", 0)
            for layer, name, value in self._settings[variant]:
                setattr(layer, name, value)
            for name, layer in self._carried.items():
                layer.now, layer.carry = table.now, action["beta"] if name in action.get("layers", ()) else None
            with self._weights_of(self._packs[variant]):
                output = super().forward(*call.args, **call.kwargs).sample
            if table and "run" in action:
                table.runs = [*table.runs[-2:], (table.now, x, output)]
        return OUTPUT(sample=output) if return_dict else (output,)

    @classmethod
    def from_pretrained(cls, path, subfolder=None, torch_dtype=None, dtype=None, **kwargs):
        keys = ("cache_dir", "force_download", "local_files_only", "proxies", "revision", "token")
        hub = {key: kwargs[key] for key in keys if kwargs.get(key) is not None}
        config = cls.load_config(path, subfolder=subfolder, **hub)
        if config["_class_name"] != cls.__name__:
            raise ValueError(f"{path} holds a {config['_class_name']}, which is not a {cls.__name__}")
        file = (os.path.join(path, subfolder or "", WEIGHTS) if os.path.isdir(path)
                else hf_hub_download(path, WEIGHTS, subfolder=subfolder, **hub))
        model = cls.from_config(config)
        model._file = file
        weights = {key: value[0] if key in LOCKS else value for key, value in model._read("").items()}
        model.load_state_dict(weights, strict=True)  # refuses missing, unexpected and misshapen tensors
        return torch.nn.Module.to(model, torch_dtype or dtype or model.dtype).eval()

    def save_pretrained(self, save_directory, **_):
        self.save_config(save_directory)
        weights = {key: value[None] if key in LOCKS else value for key, value in self.state_dict().items()}
        for pack in filter(None, dict.fromkeys(self._packs)):
            weights.update(self._read(pack))
        save_file({key: value.contiguous() for key, value in weights.items()}, os.path.join(save_directory, WEIGHTS))
        shutil.copy(__file__, os.path.join(save_directory, FILE))

def pruned(dense):
    def __init__(self, pruned=None, **config):
        dense.__init__(self, **config)
        self.register_to_config(pruned=pruned)
        try:
            self._prune(pruned)
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise ValueError(f'"pruned" in config.json does not fit this network: {error!r}') from error
    known = inspect.signature(dense.__init__)  # diffusers reads it to know which entries of config.json to pass on
    own = inspect.Parameter("pruned", inspect.Parameter.KEYWORD_ONLY, default=None)
    __init__.__signature__ = known.replace(parameters=[*known.parameters.values(), own])
    return type("Pruned" + dense.__name__, (Pruned, dense), {"__init__": __init__, "__module__": __name__})

OUTPUT = inspect.getmodule(diffusers.UNet2DModel).UNet2DOutput
PrunedUNet2DModel = pruned(diffusers.UNet2DModel)
PrunedDiTTransformer2DModel = pruned(diffusers.DiTTransformer2DModel)  # diffusers 0.29 and later
