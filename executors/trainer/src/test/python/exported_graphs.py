"""Exports tiny random models with PyTorch's two ONNX exporters, and writes what PyTorch gives for them.

    python3 -m venv venv
    venv/bin/pip install torch==2.7.1 "transformers==4.57.1" onnx onnxscript==0.7.2
    venv/bin/python exported_graphs.py ../resources/io/attune/trainer/graph/exported

For each model (BERT, RoBERTa, DistilBERT, MPNet with mean pooling and normalisation; the tutorials'
bidirectional LSTM and multilayer perceptron), exporter (TorchScript, dynamo), attention (eager, sdpa)
and opset (11, 13, 17, 18, 21) that the exporter gives, one graph is written; what it refuses is printed.
Documentation strings and stack traces are stripped.

NAME.json beside the graphs holds the inputs, and PyTorch's outputs and gradients (CPU, float32): for
each input the embeddings, and for the loss sum(embeddings * direction) the gradient by each parameter,
by its name in PyTorch.
"""

import gzip
import json
import os
import sys
import tempfile
import warnings

import onnx
import torch
from transformers import (
    BertConfig, BertModel, DistilBertConfig, DistilBertModel, MPNetConfig, MPNetModel, RobertaConfig,
    RobertaModel)

SCOPES = "pkg.torch.onnx.name_scopes"  # which module a node is of, as dynamo tells it
OPSETS = [11, 13, 17, 18, 21]
VOCABULARY = 24
HIDDEN = 8
POSITIONS = 16
COMMON = dict(
    vocab_size=VOCABULARY, hidden_size=HIDDEN, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=12, max_position_embeddings=POSITIONS, initializer_range=0.5)


class Pooled(torch.nn.Module):
    """Token vectors, averaged over the attention mask, of length 1."""

    def __init__(self, encoder, names):
        super().__init__()
        self.encoder, self.names = encoder, names

    def forward(self, *values):
        inputs = dict(zip(self.names, values))
        tokens = self.encoder(**inputs).last_hidden_state
        mask = inputs["attention_mask"].unsqueeze(-1).expand(tokens.size()).float()
        mean = (tokens * mask).sum(1) / torch.clamp(mask.sum(1), min=1e-9)
        return torch.nn.functional.normalize(mean, p=2, dim=1)


class LastCell(torch.nn.Module):
    def forward(self, x):
        out, _ = x
        return out[:, -1, :]


def bert(attention):
    return BertModel(BertConfig(attn_implementation=attention, **COMMON), add_pooling_layer=False)


def roberta(attention):
    return RobertaModel(
        RobertaConfig(attn_implementation=attention, type_vocab_size=1, pad_token_id=1, **COMMON),
        add_pooling_layer=False)


def distilbert(attention):
    return DistilBertModel(DistilBertConfig(
        vocab_size=VOCABULARY, dim=HIDDEN, n_layers=1, n_heads=2, hidden_dim=12,
        max_position_embeddings=POSITIONS, initializer_range=0.5, attn_implementation=attention))


def mpnet(_):
    return MPNetModel(MPNetConfig(relative_attention_num_buckets=32, **COMMON), add_pooling_layer=False)


def bilstm(_):
    return torch.nn.Sequential(
        torch.nn.Embedding(num_embeddings=VOCABULARY, embedding_dim=6),
        torch.nn.LSTM(6, 5, bidirectional=True, batch_first=True),
        LastCell(),
        torch.nn.Linear(in_features=10, out_features=4))


def mlp(_):
    return torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Linear(12, 7), torch.nn.ReLU(), torch.nn.Linear(7, 4))


def tokens(lengths, pad, left=False):
    longest = max(lengths)
    ids, mask = [], []
    for length in lengths:
        row = torch.randint(2, VOCABULARY, (length,)).tolist()
        padding = [pad] * (longest - length)
        ids.append(padding + row if left else row + padding)
        mask.append([0] * (longest - length) + [1] * length if left
                    else [1] * length + [0] * (longest - length))
    return torch.tensor(ids), torch.tensor(mask)


def transformer_inputs(types, pad):
    cases = []
    for lengths in ([5, 3], [1], [7, 7, 2]):
        ids, mask = tokens(lengths, pad)
        case = {"input_ids": ids, "attention_mask": mask}
        if types:
            case["token_type_ids"] = torch.randint(0, 2, ids.shape) * mask
        cases.append(case)
    return cases


def models():
    ids, types = ["input_ids", "attention_mask"], ["token_type_ids"]
    two = ["eager", "sdpa"]
    lstm = [{"tokens": tokens(n, 0, left=True)[0]} for n in ([6, 4], [1], [3, 9, 2], [6, 6, 1])]
    images = [{"image": torch.rand(n, 3, 4)} for n in (2, 1, 5)]
    yield "bert", bert, ids + types, two, transformer_inputs(True, 0)
    yield "roberta", roberta, ids, two, transformer_inputs(False, 1)
    yield "distilbert", distilbert, ids, two, transformer_inputs(False, 0)
    yield "mpnet", mpnet, ids, ["eager"], transformer_inputs(False, 1)
    yield "bilstm", bilstm, ["tokens"], ["none"], lstm
    yield "mlp", mlp, ["image"], ["none"], images


def export(model, case, names, opset, dynamo, file):
    inputs = tuple(case[name] for name in names)
    fixed = names == ["image"] or dynamo and names == ["tokens"]  # dynamo unrolls an LSTM
    axes = {0: "batch"} if fixed else {0: "batch", 1: "sequence"}
    shared = dict(opset_version=opset, input_names=names, output_names=["embedding"])
    if dynamo:
        dims = {axis: torch.export.Dim.DYNAMIC for axis in axes}
        shapes = (tuple(dims for _ in names),) if isinstance(model, Pooled) else tuple(
            dims for _ in names)
        program = torch.onnx.export(
            model, inputs, dynamo=True, dynamic_shapes=shapes, verbose=False, **shared)
        program.save(file, external_data=False)
    else:
        torch.onnx.export(
            model, inputs, file, dynamo=False,
            dynamic_axes={**{name: axes for name in names}, "embedding": {0: "batch"}}, **shared)


def stripped(file):
    model = onnx.load(file)
    del model.metadata_props[:]
    for function in model.functions:
        for node in function.node:
            del node.metadata_props[:]
            node.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        kept = [(p.key, p.value) for p in node.metadata_props if p.key == SCOPES]
        del node.metadata_props[:]
        for key, value in kept:
            node.metadata_props.add(key=key, value=value)
    for item in [*model.graph.value_info, *model.graph.input, *model.graph.output,
                 *model.graph.initializer]:
        del item.metadata_props[:]
        item.doc_string = ""
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    onnx.checker.check_model(model)
    return model


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def goldens(model, names, cases):
    rows = []
    for case in cases:
        model.zero_grad()
        embeddings = model(*(case[name] for name in names))
        direction = torch.randn(embeddings.shape)
        (embeddings * direction).sum().backward()
        rows.append({
            "inputs": {n: {"shape": list(case[n].shape), "values": case[n].flatten().tolist()}
                       if case[n].dtype == torch.int64 else
                       {"shape": list(case[n].shape), "values": rounded(case[n])} for n in names},
            "shape": list(embeddings.shape),
            "embedding": rounded(embeddings),
            "direction": rounded(direction),
            "gradients": {
                name: {"shape": list(p.shape), "values": rounded(p.grad)}
                for name, p in model.named_parameters() if p.grad is not None}})
    return rows


def write(label, graph, out):
    with gzip.GzipFile(os.path.join(out, label + ".onnx.gz"), "wb", mtime=0) as file:
        file.write(graph.SerializeToString(deterministic=True))


def graphs(name, attention, model, names, case, out):
    for dynamo in (False, True):
        for opset in OPSETS:
            label = "-".join([name, "dynamo" if dynamo else "script", attention, str(opset)])
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "model.onnx")
                try:
                    export(model, case, names, opset, dynamo, path)
                    graph = stripped(path)
                except Exception as error:
                    print(label, "refused:", str(error).strip().splitlines()[:1])
                    continue
            actual = graph.opset_import[0].version
            if actual != opset:
                print(label, "refused: gives opset", actual)
                continue
            ops = sorted({(n.domain + ":" if n.domain else "") + n.op_type for n in graph.graph.node})
            print(label, len(graph.graph.node), "nodes", " ".join(ops))
            write(label, graph, out)


def main(out, only=None):
    os.makedirs(out, exist_ok=True)
    warnings.simplefilter("ignore")
    for name, make, names, attentions, cases in models():
        if only and name != only:
            continue
        for attention in attentions:
            torch.manual_seed(7)
            model = make(attention)
            model = (Pooled(model, names) if names[0] == "input_ids" else model).eval()
            if attention == attentions[0]:
                for parameter in model.parameters():  # equal ones would be exported as one
                    parameter.data += 0.2 * torch.randn(parameter.shape)
                weights = model.state_dict()
                with open(os.path.join(out, name + ".json"), "w", encoding="utf-8") as file:
                    json.dump(goldens(model, names, cases), file)
                    file.write("\n")
            model.load_state_dict(weights)
            graphs(name, attention, model, names, cases[0], out)


main(*sys.argv[1:])
