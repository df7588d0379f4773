"""Makes tiny BERT-style models and the embeddings that sentence-transformers gives for them.

    python3 -m venv venv
    venv/bin/pip install torch==2.7.1 "transformers<5" "sentence-transformers<6" onnx onnxscript
    venv/bin/python bert_models.py ../resources/bert-models

Each model has random weights, a tokeniser trained on the texts below, and the folder layout in which
sentence-transformers publishes models:

- bert: WordPiece, TorchScript exporter, opset 14; mean pooling, normalised, prompts;
- distilbert: no token types, the graph in onnx/ as Hugging Face's hub has it; cls pooling;
- roberta: byte-level BPE, positions from 2, torch's current exporter with its weights in
  model.onnx.data; max pooling.

goldens.json holds, for every pooling and for the model's own settings, what SentenceTransformer.encode
gives for the texts (PyTorch on the CPU, float32, one text to a batch).
"""

import json
import os
import random
import shutil
import sys
import tempfile

import numpy
import onnx
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig, BertModel, DistilBertConfig, DistilBertModel, PreTrainedTokenizerFast, RobertaConfig,
    RobertaModel)

TEXTS = [
    "",
    "a",
    "?",
    "how do I reset my password",
    "The quick brown fox jumps over the lazy dog.",
    "a vector space holds vectors that may be compared",
    "UPPER lower MiXeD, don't; won't (can't) 1234567890",
    "Grüße aus Köln, ça va très bien, naïve façade",
    "検索エンジン と ニューラル 検索",
    "Нейронный поиск понимает смысл",
    "emoji 🚀🔥 and zero\u200bwidth",
    " leading  and trailing \t white space \n",
    "search engine index query document answer",
    "the answer to the question is in the document",
    "the cat sat down here " * 12,
]
MAX_LENGTH = 48
POSITIONS = 64
PROMPTS = {"query": "query: ", "document": "passage: "}
HIDDEN = 12


def wordpiece(names):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        corpus(), trainers.WordPieceTrainer(vocab_size=360, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(t, tokenizer.token_to_id(t)) for t in ("[CLS]", "[SEP]")])
    tokenizer.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=MAX_LENGTH, pad_token="[PAD]", unk_token="[UNK]",
        model_input_names=names, cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")


def byte_level():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(corpus(), trainers.BpeTrainer(
        vocab_size=330, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.post_processor = processors.RobertaProcessing(sep=("</s>", 2), cls=("<s>", 0))
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=MAX_LENGTH, bos_token="<s>", eos_token="</s>",
        pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>", mask_token="<mask>")


def corpus():
    return TEXTS * 3 + list(PROMPTS.values()) * 3


def bert(tokenizer):
    return BertModel(BertConfig(
        vocab_size=len(tokenizer), hidden_size=HIDDEN, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=24, max_position_embeddings=POSITIONS, initializer_range=0.5))


def distilbert(tokenizer):
    return DistilBertModel(DistilBertConfig(
        vocab_size=len(tokenizer), dim=HIDDEN, n_layers=1, n_heads=2, hidden_dim=24,
        max_position_embeddings=POSITIONS, initializer_range=0.5))


def roberta(tokenizer):
    return RobertaModel(RobertaConfig(
        vocab_size=len(tokenizer), hidden_size=HIDDEN, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=24, max_position_embeddings=POSITIONS + 2, type_vocab_size=1,
        pad_token_id=1, bos_token_id=0, eos_token_id=2, initializer_range=0.5))


class TokenVectors(torch.nn.Module):
    def __init__(self, model, names):
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *values):
        return self.model(**dict(zip(self.names, values))).last_hidden_state


def export(model, names, file, dynamo):
    ids = torch.tensor([[5, 6, 7, 8], [9, 10, 11, 12]])
    values = {"input_ids": ids, "attention_mask": torch.ones_like(ids),
              "token_type_ids": torch.zeros_like(ids)}
    wrapped = TokenVectors(model, names).eval()
    inputs = tuple(values[name] for name in names)
    axes = {0: "batch", 1: "sequence"}
    if dynamo:
        dynamic = torch.export.Dim.AUTO
        program = torch.onnx.export(
            wrapped, inputs, dynamo=True, input_names=names, output_names=["last_hidden_state"],
            dynamic_shapes=(tuple({0: dynamic, 1: dynamic} for _ in names),))
        for node in program.model.graph:
            node.metadata_props.clear()
        program.save(file, external_data=True)
        return
    torch.onnx.export(
        wrapped, inputs, file, dynamo=False, opset_version=14, input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes={name: axes for name in names + ["last_hidden_state"]})


def encoder(folder, pooling, normalize):
    transformer = Transformer(folder, max_seq_length=MAX_LENGTH)
    modules = [transformer, Pooling(HIDDEN, pooling_mode=pooling)]
    return SentenceTransformer(
        modules=modules + ([Normalize()] if normalize else []), device="cpu", prompts=PROMPTS)


def goldens(folder, pooling, normalize):
    rows = [("", text) for text in TEXTS]
    rows += [(PROMPTS["query"], TEXTS[3]), (PROMPTS["document"], TEXTS[5])]
    model = encoder(folder, pooling, normalize)
    tokens = [len(model.tokenize([prompt + text])["input_ids"][0]) for prompt, text in rows]
    cases = []
    for mode, unit in sorted({("mean", False), ("cls", False), ("max", False), (pooling, normalize)}):
        model = encoder(folder, mode, unit)
        embeddings = numpy.stack([model.encode(text, prompt=prompt) for prompt, text in rows])
        lengths = numpy.linalg.norm(embeddings, axis=1, keepdims=True)
        assert ((embeddings / lengths) @ (embeddings / lengths).T).min() < 0.8, "all look alike"
        cases.append({
            "pooling": mode, "normalize": unit,
            "embeddings": [[float(f"{v:.7g}") for v in row] for row in embeddings]})
    return {"texts": [prompt + text for prompt, text in rows], "tokens": tokens, "cases": cases}


def write(name, out, tokenizer, model, names, graph, dynamo, pooling, normalize):
    home = os.path.join(out, name)
    shutil.rmtree(home, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        model.eval().save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        saved = os.path.join(folder, "saved")
        encoder(folder, pooling, normalize).save(saved)
        os.makedirs(os.path.dirname(os.path.join(home, graph)))
        os.makedirs(os.path.join(home, "1_Pooling"))
        kept = ["tokenizer.json", "modules.json", "sentence_bert_config.json",
                "config_sentence_transformers.json", "1_Pooling/config.json"]
        for file in kept:
            shutil.copy(os.path.join(saved, file), os.path.join(home, file))
        export(model, names, os.path.join(home, graph), dynamo)
        onnx.checker.check_model(os.path.join(home, graph))
        with open(os.path.join(home, "goldens.json"), "w", encoding="utf-8") as file:
            json.dump(goldens(saved, pooling, normalize), file, ensure_ascii=True)
            file.write("\n")


def main(out):
    for seed in (random.seed, numpy.random.seed, torch.manual_seed):
        seed(20)
    ids, types = ["input_ids", "attention_mask"], ["token_type_ids"]
    tokenizer = wordpiece(ids + types)
    write("bert", out, tokenizer, bert(tokenizer), ids + types, "model.onnx", False, "mean", True)
    tokenizer = wordpiece(ids)
    write("distilbert", out, tokenizer, distilbert(tokenizer), ids, "onnx/model.onnx", False, "cls",
          False)
    tokenizer = byte_level()
    write("roberta", out, tokenizer, roberta(tokenizer), ids, "model.onnx", True, "max", True)


main(*sys.argv[1:])
