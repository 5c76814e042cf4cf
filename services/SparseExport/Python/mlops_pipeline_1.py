"""Draws samples with a model that mlops wrote, where diffusers has no pipeline for it: flow matching in pixels,
transformers without an autoencoder, and models whose step table fixes sampler, steps and guidance."""
import inspect

import numpy as np
import torch
from diffusers import DiffusionPipeline, ImagePipelineOutput
from diffusers.utils.torch_utils import randn_tensor

SAMPLERS = {"ddim": "DDIMScheduler", "ddpm": "DDPMScheduler", "dpm-solver": "DPMSolverMultistepScheduler",
            "euler": "EulerDiscreteScheduler", "flow-euler": "FlowMatchEulerDiscreteScheduler"}


class MlopsPipeline(DiffusionPipeline):
    _optional_components = ["unet", "transformer", "vae"]

    def __init__(self, scheduler, unet=None, transformer=None, vae=None):
        super().__init__()
        self.register_modules(scheduler=scheduler, unet=unet, transformer=transformer, vae=vae)

    @torch.no_grad()
    def __call__(self, batch_size=1, num_inference_steps=None, class_labels=None, guidance_scale=None, generator=None,
                 latents=None, output_type="pil", return_dict=True):
        model = self.unet if self.unet is not None else self.transformer
        config, table = model.config, ((model.config.get("pruned") or {}).get("plan") or {}).get("steps") or {}
        guidance = table.get("guidance", 1) if guidance_scale is None else guidance_scale
        steps = num_inference_steps or table.get("steps", 50)
        classes = config.get("num_class_embeds") or config.get("num_embeds_ada_norm") or 0
        size = config.sample_size
        height, width = (size, size) if isinstance(size, int) else size
        if table:
            self._check(table, guidance)
        if latents is None:
            latents = randn_tensor((batch_size, config.in_channels, height, width), generator, self.device, model.dtype)
        if class_labels is None and classes:
            class_labels = torch.arange(len(latents)) % classes
        labels = None if class_labels is None else torch.as_tensor(class_labels, device=self.device).flatten()
        if guidance != 1 and config.get("num_embeds_ada_norm") is None:
            raise ValueError("guidance needs a model with a label for 'no class', which this one lacks")
        step_options = {"use_clipped_model_output": True} if table.get("use_clipped_model_output") else {}
        if not step_options.keys() <= inspect.signature(self.scheduler.step).parameters.keys():
            step_options = {}  # only DDIM has it
        self._set_timesteps(steps, table.get("timesteps") if steps == table.get("steps") else None)
        x = latents.to(self.device, model.dtype) * getattr(self.scheduler, "init_noise_sigma", 1)
        for t in self.progress_bar(self.scheduler.timesteps):
            scaled = self.scheduler.scale_model_input(x, t) if hasattr(self.scheduler, "scale_model_input") else x
            output = self._predict(model, scaled, t, labels, guidance, classes)
            ancestral = type(self.scheduler).__name__ == "DDPMScheduler"
            if not (ancestral and "learned" in self.scheduler.config.variance_type):
                output = output[:, :x.shape[1]]
            x = self.scheduler.step(output, t, x, **step_options).prev_sample
        if self.vae is not None:
            x = self.vae.decode(x / self.vae.config.scaling_factor).sample
        images = x
        if output_type != "latent" and x.shape[1] in (1, 3):
            images = (x / 2 + 0.5).clamp(0, 1).cpu().permute(0, 2, 3, 1).float().numpy()
            images = self.numpy_to_pil(images) if output_type == "pil" else images
        return ImagePipelineOutput(images=images) if return_dict else (images,)

    def _check(self, table, guidance):  # the loader sees neither
        if guidance != table["guidance"]:
            raise ValueError(f"the step table of this model is for guidance_scale={table['guidance']:g}, not "
                             f"{guidance:g}; leave guidance_scale out")
        solver = table["sampler"] == "ddim" and table.get("timesteps")  # DDIM takes none of its own
        wanted, found = SAMPLERS["dpm-solver" if solver else table["sampler"]], type(self.scheduler).__name__
        if found != wanted or solver and self.scheduler.config.solver_order != 1:
            raise ValueError(f"the step table of this model is for {wanted}{' of order 1' if solver else ''}, but the "
                             f"scheduler is {found}; load the pipeline again, which brings it")

    def _set_timesteps(self, steps, own):
        if own is None:
            self.scheduler.set_timesteps(steps, device=self.device)
        elif "shift" in self.scheduler.config:  # flow matching takes noise levels, which it shifts
            shift, levels = self.scheduler.config.shift, np.array(own) / self.scheduler.config.num_train_timesteps
            self.scheduler.set_timesteps(sigmas=levels / (shift - (shift - 1) * levels), device=self.device)
        else:
            self.scheduler.set_timesteps(timesteps=own, device=self.device)

    def _predict(self, model, x, t, labels, guidance, null):
        if guidance == 1:
            return model(x, t.expand(len(x)), class_labels=labels).sample
        both = torch.cat([labels, torch.full_like(labels, null)])
        given, none = model(torch.cat([x, x]), t.expand(2 * len(x)), class_labels=both).sample.chunk(2)
        c = x.shape[1]
        return torch.cat([none[:, :c] + guidance * (given[:, :c] - none[:, :c]), given[:, c:]], 1)
