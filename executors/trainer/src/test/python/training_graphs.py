"""Exports a perceptron with dropout and batch normalisation as it trains, and writes what PyTorch gives for it.

    python3 -m venv venv
    venv/bin/pip install torch==2.7.1 onnx onnxscript==0.7.2
    venv/bin/python training_graphs.py ../resources/io/attune/trainer/graph/training

The graphs are written by TorchScript's exporter with training=PRESERVE while the model trains, so that
Dropout and BatchNormalization stay in them with training_mode on; `eval` is the same with batch
normalisation alone not training. Those called `dynamo` are by PyTorch's current exporter, which takes
the model as it stands. mlp.json holds the input, PyTorch's output and gradients of the loss
sum(embedding * direction) with batch normalisation frozen and, under "batch", with the statistics of the
batch (dropout off in both), and the running statistics after that one step by ONNX's formula: momentum 0.9
of the old ones, and the variance of the population.
"""

import json
import os
import sys
import warnings

import onnx
import onnx.numpy_helper
import torch
from torch.onnx import TrainingMode

OPSETS = [11, 13, 15, 17, 18]
DYNAMO_OPSETS = [18, 21]


def perceptron():
    torch.manual_seed(3)
    model = torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(6, 7),
        torch.nn.BatchNorm1d(7),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.25),
        torch.nn.Linear(7, 4))
    norm = model[2]
    norm.weight.data.uniform_(0.5, 1.5)
    norm.bias.data.uniform_(-1, 1)
    norm.running_mean.data.uniform_(-0.5, 0.5)
    norm.running_var.data.uniform_(0.5, 1.5)
    return model


def rounded(tensor):
    return [float(f"{value:.8g}") for value in tensor.flatten().tolist()]


def golden(model, image, direction):
    model.zero_grad()
    embedding = model(image)
    (embedding * direction).sum().backward()
    return {
        "embedding": rounded(embedding),
        "gradients": {name: rounded(p.grad) for name, p in model.named_parameters()}}


def export(model, image, opset, file):
    torch.onnx.export(
        model, (image,), file, dynamo=False, opset_version=opset, training=TrainingMode.PRESERVE,
        do_constant_folding=False, input_names=["image"], output_names=["embedding"],
        dynamic_axes={"image": {0: "batch"}, "embedding": {0: "batch"}})
    save(onnx.load(file), file)


def export_dynamo(model, image, opset, file):
    program = torch.onnx.export(
        model, (image,), None, dynamo=True, opset_version=opset, input_names=["image"],
        output_names=["embedding"], dynamic_shapes=({0: torch.export.Dim("batch", min=2)},),
        optimize=False)  # its optimiser folds batch normalisation into the layer before
    save(program.model_proto, file)


def save(graph, file):
    start = perceptron().state_dict()
    for tensor in graph.graph.initializer:  # tracing moves the running statistics
        if tensor.name in start:
            tensor.CopyFrom(onnx.numpy_helper.from_array(start[tensor.name].numpy(), tensor.name))
    for node in graph.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*graph.graph.value_info, *graph.graph.input, *graph.graph.output]:
        del value.metadata_props[:]
    for tensor in graph.graph.initializer:
        del tensor.metadata_props[:]
    del graph.graph.metadata_props[:]
    del graph.metadata_props[:]
    onnx.save(graph, file)
    print(file, [node.op_type for node in graph.graph.node])


def main(out):
    os.makedirs(out, exist_ok=True)
    warnings.simplefilter("ignore")
    torch.manual_seed(5)
    image = torch.rand(5, 2, 3)
    direction = torch.randn(5, 4)
    for opset in OPSETS:
        export(perceptron().train(), image, opset, os.path.join(out, f"mlp-train-{opset}.onnx"))
        frozen = perceptron().train()
        frozen[2].eval()
        export(frozen, image, opset, os.path.join(out, f"mlp-eval-{opset}.onnx"))
    frozen = golden(perceptron().eval(), image, direction)
    model = perceptron().train()
    model[4].eval()
    batch = golden(model, image, direction)
    norm = perceptron()[2]
    hidden = perceptron()[:2](image)
    batch["running_mean"] = rounded(0.9 * norm.running_mean + 0.1 * hidden.mean(0))
    batch["running_var"] = rounded(0.9 * norm.running_var + 0.1 * hidden.var(0, unbiased=False))
    result = {"image": rounded(image), "direction": rounded(direction), "frozen": frozen, "batch": batch}
    with open(os.path.join(out, "mlp.json"), "w", encoding="utf-8") as file:
        json.dump(result, file)
        file.write("\n")
    for opset in DYNAMO_OPSETS:
        export_dynamo(perceptron().train(), image, opset, os.path.join(out, f"mlp-train-dynamo-{opset}.onnx"))
        frozen = perceptron().train()
        frozen[2].eval()
        export_dynamo(frozen, image, opset, os.path.join(out, f"mlp-eval-dynamo-{opset}.onnx"))


main(*sys.argv[1:])
