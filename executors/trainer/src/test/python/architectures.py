"""Writes the embeddings that PyTorch gives with weights drawn as io.attune.trainer.architecture.Draw does.

    python3 -m venv venv
    venv/bin/pip install torch==2.7.1
    venv/bin/python architectures.py ../resources/io/attune/trainer/architecture

The generator is written anew here, from its description; the models are PyTorch's own modules.
"""

import json
import math
import os
import sys

import torch

MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Draw:
    def __init__(self, seed, stream):
        self.state = mix((mix(seed & MASK) + stream) & MASK)

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        return mix(self.state)

    def uniform(self, bound):
        return (2 * ((self.next() >> 40) / 2 ** 24) - 1) * bound

    def normal(self):
        first = ((self.next() >> 11) + 1) / 2 ** 53
        second = (self.next() >> 11) / 2 ** 53
        return math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)


class Weights:
    def __init__(self, seed):
        self.seed, self.streams = seed, 0

    def draw(self, shape, value):
        draw = Draw(self.seed, self.streams)
        self.streams += 1
        values = [value(draw) for _ in range(math.prod(shape))]
        return torch.tensor(values, dtype=torch.float64).float().reshape(shape)

    def normal(self, *shape):
        return self.draw(shape, lambda draw: draw.normal())

    def uniform(self, bound, *shape):
        return self.draw(shape, lambda draw: draw.uniform(bound))


def linear(weights, inputs, outputs):
    layer = torch.nn.Linear(inputs, outputs)
    bound = 1 / math.sqrt(inputs)
    layer.weight.data = weights.uniform(bound, outputs, inputs)
    layer.bias.data = weights.uniform(bound, outputs)
    return layer


def torch_gates(onnx):
    """ONNX orders the gates input, output, forget, cell; PyTorch input, forget, cell, output."""
    i, o, f, c = onnx.chunk(4)
    return torch.cat([i, f, c, o])


class BiLstm(torch.nn.Module):
    def __init__(self, seed, vocabulary, dim, hidden, out, readout):
        super().__init__()
        weights = Weights(seed)
        self.readout = readout
        self.embedding = torch.nn.Embedding(vocabulary, dim)
        self.embedding.weight.data = weights.normal(vocabulary, dim)
        self.lstm = torch.nn.LSTM(dim, hidden, bidirectional=True, batch_first=True)
        bound = 1 / math.sqrt(hidden)
        w = weights.uniform(bound, 2, 4 * hidden, dim)
        r = weights.uniform(bound, 2, 4 * hidden, hidden)
        b = weights.uniform(bound, 2, 8 * hidden)
        for i, suffix in enumerate(["", "_reverse"]):
            getattr(self.lstm, "weight_ih_l0" + suffix).data = torch_gates(w[i])
            getattr(self.lstm, "weight_hh_l0" + suffix).data = torch_gates(r[i])
            getattr(self.lstm, "bias_ih_l0" + suffix).data = torch_gates(b[i, :4 * hidden])
            getattr(self.lstm, "bias_hh_l0" + suffix).data = torch_gates(b[i, 4 * hidden:])
        self.linear = linear(weights, 2 * hidden, out)

    def forward(self, ids):
        out, (final, _) = self.lstm(self.embedding(ids))
        cell = {
            "last": lambda: out[:, -1, :],
            "final": lambda: torch.cat([final[0], final[1]], dim=1),
            "mean": lambda: out.mean(dim=1),
            "max": lambda: out.max(dim=1).values,
        }[self.readout]()
        return self.linear(cell)


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def bilstm(readout, padding):
    sizes = dict(vocabulary=30, dim=6, hidden=5, out=4)
    model = BiLstm(11, readout=readout, **sizes).eval()
    rows = [[5, 6, 7], [8], [2, 29, 3, 4, 9], [0, 0, 4, 1]]
    if padding == "read":
        rows = [[0] * (5 - len(row)) + row for row in rows]
    embeddings = torch.cat([model(torch.tensor([row])) for row in rows])
    options = {"vocabulary_size": 30, "embedding_dim": 6, "hidden_size": 5, "output_dim": 4,
               "readout": readout, "padding": padding}
    return {"architecture": "bilstm", "seed": 11, "options": options, "rows": rows,
            "embeddings": rounded(embeddings)}


def mlp(shape, hidden, out):
    weights = Weights(-3)
    sizes = [math.prod(shape), *hidden, out]
    layers = [torch.nn.Flatten()]
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [linear(weights, inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1]).eval()
    torch.manual_seed(1)
    values = torch.rand(3, *shape)
    return {"architecture": "mlp", "seed": -3,
            "options": {"input_shape": shape, "hidden_sizes": hidden, "output_dim": out},
            "values": rounded(values), "embeddings": rounded(model(values))}


def main(out):
    cases = [bilstm(r, p) for r in ("last", "final", "mean", "max") for p in ("skip", "read")]
    cases += [mlp([28, 28], [128], 32), mlp([10], [], 3), mlp([3, 4], [7, 5], 2)]
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "architectures.json"), "w", encoding="utf-8") as file:
        json.dump({"cases": cases}, file)
        file.write("\n")


main(*sys.argv[1:])
