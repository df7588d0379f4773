"""One update of torch's AdamW over MiniLM's 22.7 M weights: the figure that ours is held against.

Usage: python adamw.py [threads=2] [rounds=5]

Prints, per implementation, the median over rounds of the mean of 10 updates, in milliseconds; with and without
clipping to norm 1. Gradients stay as they are, as in the Java measurement.
"""
import statistics
import sys
import time

import torch

HIDDEN, INNER, LAYERS, VOCABULARY, POSITIONS = 384, 1536, 6, 30522, 512


def shapes():
    """The tensors of sentence-transformers/all-MiniLM-L6-v2, without its pooler."""
    yield from ((VOCABULARY, HIDDEN), (POSITIONS, HIDDEN), (2, HIDDEN), (HIDDEN,), (HIDDEN,))
    for _ in range(LAYERS):
        for _ in range(4):
            yield from ((HIDDEN, HIDDEN), (HIDDEN,))
        yield from ((HIDDEN,), (HIDDEN,), (INNER, HIDDEN), (INNER,), (HIDDEN, INNER), (HIDDEN,), (HIDDEN,), (HIDDEN,))


def measure(rounds, clip, **options):
    parameters = [torch.nn.Parameter(torch.randn(s) * 0.02) for s in shapes()]
    for p in parameters:
        p.grad = torch.randn_like(p) * 1e-3
    decay = [p for p in parameters if p.dim() > 1]
    plain = [p for p in parameters if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=1e-5, **options)

    def step():
        if clip:
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    for _ in range(3):
        step()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(10):
            step()
        times.append((time.perf_counter() - start) * 100)
    return statistics.median(times)


if __name__ == "__main__":
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(threads)
    for name, options in (("fused", {"fused": True}), ("foreach", {"foreach": True}), ("for-loop", {"foreach": False})):
        for clip in (False, True):
            print(f"{name:9} clip={clip!s:5} {measure(rounds, clip, **options):7.1f} ms")
