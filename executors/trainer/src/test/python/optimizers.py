"""Twenty steps of torch.optim's optimisers, and the learning rate schedules of transformers.

Usage: python optimizers.py ../resources/io/attune/trainer/optimizer

Writes optimizers.json: the weights at the start, the gradients of each step, and per case the weights at the
end; and the factors of each schedule.
"""
import json
import sys
from pathlib import Path

import torch
from transformers import get_scheduler

torch.set_num_threads(1)
STEPS = 20
SHAPES = {
    "embeddings.weight": (4, 3),
    "encoder.layer.0.weight": (7, 5),
    "encoder.layer.0.bias": (5,),
    "encoder.layer.1.weight": (5, 5),
    "encoder.layer.1.norm.weight": (5,),
    "head.weight": (3, 5),
}
GENERATOR = torch.Generator().manual_seed(1)
START = {name: torch.randn(shape, generator=GENERATOR) for name, shape in SHAPES.items()}
# sizes from 1e-4 to 10, some of them exactly 0
GRADIENTS = [
    {name: torch.randn(shape, generator=GENERATOR) * 10.0 ** ((step % 6) - 4) * (torch.rand(shape, generator=GENERATOR) > 0.1)
     for name, shape in SHAPES.items()}
    for step in range(STEPS)
]


def groups(parameters, options, weight_decay):
    """One group per tensor: decay of what has two dimensions, rate by ELECTRA's layer-wise rule."""
    rate, decay = options.get("learning_rate", 1e-3), options.get("layer_wise_lr_decay", 1.0)
    depth = {"embeddings.weight": 3, "head.weight": 0}
    result = []
    for name, parameter in parameters.items():
        layer = depth.get(name, 2 - int(name.split(".")[2]) if "layer" in name else 0)
        plain = parameter.dim() <= 1
        result.append({"params": [parameter], "lr": rate * decay ** layer, "weight_decay": 0.0 if plain else weight_decay})
    return result


def run(name, options, schedule=None, accumulated=1):
    parameters = {k: v.clone().requires_grad_(True) for k, v in START.items()}
    cls = getattr(torch.optim, name)
    weight_decay = options.get("weight_decay", 0.01 if name == "AdamW" else 0.0)
    own = {k: v for k, v in options.items()
           if k not in ("learning_rate", "weight_decay", "layer_wise_lr_decay", "max_grad_norm")}
    if "betas" in own:
        own["betas"] = tuple(own["betas"])
    optimizer = cls(groups(parameters, options, weight_decay), **own)
    scheduler = get_scheduler(schedule, optimizer, num_warmup_steps=4, num_training_steps=STEPS) if schedule else None
    norms = []
    for step in range(0, STEPS, accumulated):
        for k, p in parameters.items():
            p.grad = sum(GRADIENTS[step + i][k] for i in range(accumulated)) / accumulated
        limit = options.get("max_grad_norm", 1.0)
        if limit > 0:
            norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), limit).item())
        optimizer.step()
        if scheduler:
            scheduler.step()
    return {"name": f"{name} {options} {schedule} {accumulated}", "optimizer": name, "options": options,
            "schedule": schedule, "accumulated": accumulated, "norms": norms,
            "end": {k: p.detach().flatten().tolist() for k, p in parameters.items()}}


def cases():
    for name in ("AdamW", "Adam", "SGD"):
        yield run(name, {})
        yield run(name, {"max_grad_norm": 0})
        yield run(name, {"max_grad_norm": 0, "weight_decay": 0.1, "learning_rate": 0.01})
    yield run("AdamW", {"betas": [0.8, 0.95], "eps": 1e-3, "learning_rate": 0.05})
    yield run("AdamW", {"layer_wise_lr_decay": 0.5, "learning_rate": 0.02})
    yield run("AdamW", {"learning_rate": 0.02}, "linear")
    yield run("AdamW", {"learning_rate": 0.02, "max_grad_norm": 0.3}, None, 2)
    yield run("SGD", {"momentum": 0.9})
    yield run("SGD", {"momentum": 0.9, "dampening": 0.4, "weight_decay": 0.01})
    yield run("SGD", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, "cosine")


def schedules():
    result = []
    for name, warmup, options in (
        ("constant", 0, {}), ("constant_with_warmup", 5, {}), ("linear", 0, {}), ("linear", 5, {}), ("cosine", 5, {}),
        ("cosine", 0, {"num_cycles": 1.5}), ("cosine_with_restarts", 3, {"num_cycles": 3}), ("linear", 30, {}),
    ):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = get_scheduler(name, optimizer, num_warmup_steps=warmup, num_training_steps=30,
                                  scheduler_specific_kwargs=options)
        factors = []
        for _ in range(33):
            factors.append(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
        given = dict(options)
        if name != "constant":
            given["num_warmup_steps"] = warmup
        result.append({"name": f"{name} {given}", "schedule": name, "options": given, "factors": factors})
    return result


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, (list, tuple)) else value


def main(folder):
    target = Path(folder) / "optimizers.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    flat = lambda tensors: {k: v.flatten().tolist() for k, v in tensors.items()}
    document = {
        "shapes": SHAPES,
        "start": flat(START),
        "gradients": [flat(g) for g in GRADIENTS],
        "cases": list(cases()),
        "schedules": schedules(),
    }
    target.write_text(json.dumps(rounded(document), separators=(",", ":")) + "\n")
    print(target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(sys.argv[1])
