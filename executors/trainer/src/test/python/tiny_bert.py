"""Makes the fixtures of TinyBertTest: a small random BERT exported to ONNX with mean pooling and
normalisation, a batch, and what real PyTorch gives for it: the embeddings, the loss sum(embedding *
direction), and the gradient of every parameter.

Run with torch 2.7.1, transformers, onnx:  python tiny_bert.py ../resources/io/attune/trainer/graph
"""
import json
import sys

import numpy as np
import torch
from transformers import BertConfig, BertModel

torch.manual_seed(7)
out = sys.argv[1]
config = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
    max_position_embeddings=12, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
config._attn_implementation = "eager"


class Encoder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.bert = BertModel(config, add_pooling_layer=False)
        for parameter in self.bert.parameters():
            torch.nn.init.normal_(parameter, std=0.3)

    def forward(self, input_ids, attention_mask, token_type_ids):
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask,
                           token_type_ids=token_type_ids).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return mean / mean.norm(p=2, dim=1, keepdim=True).clamp(min=1e-12)


model = Encoder().eval()
ids = torch.randint(1, 50, (3, 7))
mask = torch.tensor([[1] * 7, [1] * 4 + [0] * 3, [1] * 2 + [0] * 5])
types = torch.tensor([[0, 0, 0, 1, 1, 1, 1], [0] * 7, [0, 1, 0, 0, 0, 0, 0]])
names = ["input_ids", "attention_mask", "token_type_ids"]
torch.onnx.export(
    model, (ids, mask, types), out + "/tiny-bert.onnx", input_names=names,
    output_names=["embedding"], opset_version=14, dynamo=False,
    dynamic_axes={**{n: {0: "batch", 1: "sequence"} for n in names}, "embedding": {0: "batch"}})
direction = torch.linspace(-1, 1, 3 * 16).reshape(3, 16)
embedding = model(ids, mask, types)
loss = (embedding * direction).sum()
loss.backward()
with open(out + "/tiny-bert.json", "w") as file:
    json.dump({
        "shape": [3, 7], "input_ids": ids.flatten().tolist(),
        "attention_mask": mask.flatten().tolist(), "token_type_ids": types.flatten().tolist(),
        "direction": direction.flatten().tolist(), "embedding": embedding.flatten().tolist(),
        "loss": loss.item(),
        "gradients": {
            name: {"shape": list(p.shape), "values": [float(np.float32(v)) for v in p.grad.flatten()]}
            for name, p in model.named_parameters()},
    }, file)
