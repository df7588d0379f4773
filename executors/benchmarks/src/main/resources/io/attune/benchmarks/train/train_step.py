"""The rival of the training benchmark: the step of TrainStep in PyTorch eager. A model of MiniLM's
shape with random weights (the time does not depend on them), 32 texts of 32 tokens as 16 pairs,
MultipleNegativesRanking, AdamW. Prints the milliseconds of each step, one a line.

usage: python3 train_step.py THREADS WARM_UP STEPS
"""
import sys
import time

import torch
from transformers import BertConfig, BertModel

threads, warm_up, steps = (int(value) for value in sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(1)
config = BertConfig(
    vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12,
    intermediate_size=1536, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
config._attn_implementation = "sdpa"
model = BertModel(config, add_pooling_layer=False).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.01)
ids = torch.randint(1000, 21000, (32, 32))
mask = torch.ones_like(ids)
types = torch.zeros_like(ids)
labels = torch.arange(16)
for number in range(warm_up + steps):
    start = time.perf_counter()
    hidden = model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
    unit = torch.nn.functional.normalize(mean, dim=1)
    loss = torch.nn.functional.cross_entropy(unit[0::2] @ unit[1::2].T * 20, labels)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    if number >= warm_up:
        print((time.perf_counter() - start) * 1e3, flush=True)
