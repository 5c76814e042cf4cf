"""Evaluates the cases on stdin with PyTorch: forward values, and gradients of a weighted sum of the result.

In:  [{"name", "expression", "shapes"}]; the inputs are a, b, c, …, each input[i] = sin(1.7 i + offset + 1).
Out: {name: {"shape", "forward", "gradients"}}.
"""
import json
import string
import sys

import torch
import torch.nn.functional as F


def wave(count, offset):
    return torch.sin(1.7 * torch.arange(count, dtype=torch.float64) + offset + 1)


def evaluate(case):
    inputs = [
        wave(int(torch.tensor(shape).prod()), i).reshape(shape).to(torch.float32).requires_grad_()
        for i, shape in enumerate(case["shapes"])
    ]
    names = dict(zip(string.ascii_lowercase, inputs))
    result = eval(case["expression"], {"torch": torch, "F": F}, names)
    answer = {
        "shape": list(result.shape),
        "forward": result.detach().to(torch.float64).reshape(-1).tolist(),
        "gradients": [],
    }
    if result.requires_grad:
        weights = wave(result.numel(), 9).reshape(result.shape).to(torch.float32)
        gradients = torch.autograd.grad((result * weights).sum(), inputs, allow_unused=True)
        answer["gradients"] = [None if g is None else g.reshape(-1).tolist() for g in gradients]
    return answer


print(json.dumps({case["name"]: evaluate(case) for case in json.load(sys.stdin)}))
