"""Losses of pytorch-metric-learning 2.8.1 and sentence-transformers 5.1.2 on fixed inputs.

Usage: python losses.py ../resources/io/attune/trainer/loss

Writes losses.json: named embeddings, and cases of (loss, options, miner, supervision) with the value and
the gradient with respect to the embeddings that the real library gives. Where a library does not know a
kind of supervision, the pairs or triplets that we define for it are made here and given to it.
"""
import itertools
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from pytorch_metric_learning import distances, losses, miners, reducers
from sentence_transformers import losses as st

torch.set_num_threads(1)
ANCHOR, POSITIVE, NEGATIVE = 0, 1, -1


def points(n, d, seed, spread=1.0, offset=0.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator) * spread + offset


def with_duplicates():
    x = points(8, 5, 3)
    x[1] = x[0]  # a positive that coincides
    x[4] = x[0]  # a negative that coincides
    return x


def separated():
    x = torch.zeros(6, 4)
    x[0:2, 0], x[2:4, 1], x[4:6, 2] = 1, 1, 1
    return x + 0.01 * points(6, 4, 5)


EMBEDDINGS = {
    "random": points(12, 6, 1),
    "near": points(12, 6, 2, 0.1, 1.0),
    "duplicates": with_duplicates(),
    "separated": separated(),
    "one": points(1, 4, 4),
    "two": points(2, 4, 6),
    "many": points(32, 8, 7),
}
LABELS = {
    "random": [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4],
    "near": [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4],
    "duplicates": [0, 0, 0, 1, 1, 1, 2, 2],
    "separated": [0, 0, 1, 1, 2, 2],
    "one": [0],
    "two": [0, 1],
    "many": [i // 4 for i in range(32)],
}
SESSIONS = ([0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3], [0, 1, 1, -1, 0, 1, -1, 0, -1, 1, -1, 0])
CASES = []


def record(name, loss, options, embeddings, supervision, compute, miner=None, miner_options=None):
    x = EMBEDDINGS[embeddings].clone().requires_grad_(True)
    value = compute(x)
    value.backward()
    CASES.append({
        "name": name, "loss": loss, "options": options, "miner": miner, "miner_options": miner_options or {},
        "embeddings": embeddings, "supervision": supervision,
        "value": value.item(), "gradient": x.grad.flatten().tolist(),
    })


def pml_arguments(options):
    """Our flat options as the library's objects."""
    arguments = dict(options)
    arguments.pop("negatives", None)
    distance = arguments.pop("distance", None)
    flat = {k: arguments.pop(k) for k in ("normalize_embeddings", "power") if k in arguments}
    if distance is not None or flat:
        arguments["distance"] = getattr(distances, distance or "LpDistance")(**flat)
    if "reducer" in arguments:
        arguments["reducer"] = getattr(reducers, arguments["reducer"])()
    return arguments


def labelled(loss, options, embeddings, miner=None, miner_options=None):
    function = getattr(losses, loss)(**pml_arguments(options))
    chooser = getattr(miners, miner)(**pml_arguments(miner_options or {})) if miner else None
    labels = torch.tensor(LABELS[embeddings])

    def compute(x):
        return function(x, labels, chooser(x, labels) if chooser else None)

    name = f"{loss} {options} {embeddings} {miner or ''} {miner_options or ''}"
    record(name, loss, options, embeddings, {"labels": LABELS[embeddings]}, compute, miner, miner_options)


def relations(sessions, roles, batch):
    n = len(sessions)
    positive, negative = [], []
    for i, j in itertools.permutations(range(n), 2):
        if roles[i] == NEGATIVE:
            continue
        if sessions[i] == sessions[j]:
            (negative if roles[j] == NEGATIVE else positive).append((i, j))
        elif batch:
            negative.append((i, j))
    return positive, negative


def in_sessions(loss, options):
    sessions, roles = SESSIONS
    by_default = "batch" if loss == "NTXentLoss" else "session"
    positive, negative = relations(sessions, roles, options.get("negatives", by_default) == "batch")
    function = getattr(losses, loss)(**pml_arguments(options))
    if loss == "TripletMarginLoss":
        chosen = [(a, p, n) for a, p in positive for b, n in negative if a == b]
        indices = tuple(torch.tensor(each) for each in zip(*chosen))
    else:
        indices = (*(torch.tensor(e) for e in zip(*positive)), *(torch.tensor(e) for e in zip(*negative)))
    record(f"{loss} {options} sessions", loss, options, "random",
           {"sessions": sessions, "roles": roles}, lambda x: function(x, indices_tuple=indices))


def ranked(options, embeddings, sessions, roles, columns):
    """Sessions that sentence-transformers can read: an anchor, a positive, and as many negatives each."""
    cls = st.MultipleNegativesSymmetricRankingLoss if options.get("symmetric") else st.MultipleNegativesRankingLoss
    arguments = {k: v for k, v in options.items() if k != "symmetric"}
    if "similarity_fct" in arguments:
        from sentence_transformers import util
        arguments["similarity_fct"] = getattr(util, arguments["similarity_fct"])
    function = cls(None, **arguments)
    record(f"MultipleNegativesRankingLoss {options} {embeddings} {len(columns)} columns", "MultipleNegativesRankingLoss",
           options, embeddings, {"sessions": sessions, "roles": roles},
           lambda x: function.compute_loss_from_embeddings([x[c] for c in columns], None))


def masked_rows(x, rows, candidates, scale=20.0):
    """One row per (anchor, positive), other positives of the anchor left out; torch's own cross-entropy."""
    u = F.normalize(x, dim=1)
    total = 0
    for anchor, positive, left_out in rows:
        keep = [c for c in candidates if c not in left_out]
        scores = (u[anchor] @ u[keep].T) * scale
        total = total + F.cross_entropy(scores[None], torch.tensor([keep.index(positive)]))
    return total / len(rows)


def several_positives():
    sessions, roles = SESSIONS
    candidates = [i for i, r in enumerate(roles) if r != ANCHOR]
    rows = [(0, 1, {2}), (0, 2, {1}), (4, 5, set()), (7, 9, set())]
    record("MultipleNegativesRankingLoss several positives", "MultipleNegativesRankingLoss", {}, "random",
           {"sessions": sessions, "roles": roles}, lambda x: masked_rows(x, rows, candidates))
    labels = LABELS["random"]  # anchors 0, 3, 5, 10; item 9 is alone in its label
    candidates = [1, 2, 4, 6, 7, 8, 9, 11]
    rows = [(0, 1, {2}), (0, 2, {1}), (3, 4, set()), (5, 6, {7, 8}), (5, 7, {6, 8}), (5, 8, {6, 7}), (10, 11, set())]
    record("MultipleNegativesRankingLoss labels", "MultipleNegativesRankingLoss", {}, "random",
           {"labels": labels}, lambda x: masked_rows(x, rows, candidates))


def scored(loss, options, embeddings, left, right, scores, function):
    def compute(x):
        features = [{"sentence_embedding": x[left]}, {"sentence_embedding": x[right]}]
        return function(features, torch.tensor(scores))

    record(f"{loss} {options} {embeddings} scores", loss, options, embeddings,
           {"left": left, "right": right, "scores": scores}, compute)


def siamese(options):
    arguments = dict(options)
    metric = arguments.pop("distance_metric", "COSINE_DISTANCE")
    return st.ContrastiveLoss(lambda f: f, getattr(st.SiameseDistanceMetric, metric), **arguments)


def main(folder):
    for embeddings in EMBEDDINGS:
        labelled("TripletMarginLoss", {}, embeddings)
        labelled("ContrastiveLoss", {}, embeddings)
        labelled("NTXentLoss", {}, embeddings)
    for options in (
        {"margin": 0.5}, {"margin": 0.3, "swap": True}, {"smooth_loss": True}, {"margin": 0.2, "smooth_loss": True, "swap": True},
        {"reducer": "MeanReducer"}, {"margin": 0.4, "reducer": "SumReducer"}, {"smooth_loss": True, "reducer": "MeanReducer"},
        {"distance": "CosineSimilarity", "margin": 0.2}, {"distance": "CosineSimilarity", "swap": True, "margin": 0.3},
        {"distance": "DotProductSimilarity", "normalize_embeddings": False, "margin": 1.0},
        {"normalize_embeddings": False, "margin": 1.0}, {"power": 2, "margin": 0.3},
        {"distance": "CosineSimilarity", "smooth_loss": True},
    ):
        labelled("TripletMarginLoss", options, "random")
    labelled("TripletMarginLoss", {"swap": True, "margin": 0.3}, "duplicates")
    labelled("TripletMarginLoss", {"power": 2, "margin": 0.3}, "duplicates")
    labelled("TripletMarginLoss", {"margin": 0.05, "reducer": "MeanReducer"}, "separated")  # all triplets zero
    for options in (
        {"pos_margin": 0.2, "neg_margin": 1.4}, {"reducer": "MeanReducer"}, {"reducer": "SumReducer"},
        {"distance": "CosineSimilarity", "pos_margin": 0.9, "neg_margin": 0.1},
        {"normalize_embeddings": False, "neg_margin": 3.0}, {"power": 2},
    ):
        labelled("ContrastiveLoss", options, "random")
    for options in (
        {"temperature": 0.5}, {"temperature": 0.02}, {"distance": "LpDistance"}, {"reducer": "SumReducer"},
        {"distance": "LpDistance", "power": 2, "temperature": 0.3},
    ):
        labelled("NTXentLoss", options, "random")
    labelled("NTXentLoss", {"distance": "LpDistance"}, "duplicates")
    for kind in ("all", "hard", "semihard", "easy"):
        labelled("TripletMarginLoss", {}, "random", "TripletMarginMiner", {"type_of_triplets": kind})
        labelled("ContrastiveLoss", {}, "random", "TripletMarginMiner", {"type_of_triplets": kind})
    labelled("NTXentLoss", {}, "random", "TripletMarginMiner", {"margin": 0.1})
    labelled("TripletMarginLoss", {}, "random", "TripletMarginMiner", {"distance": "CosineSimilarity", "margin": 0.1})
    for loss in ("TripletMarginLoss", "ContrastiveLoss", "NTXentLoss"):
        labelled(loss, {}, "random", "BatchHardMiner")
        labelled(loss, {}, "random", "BatchHardMiner", {"distance": "CosineSimilarity"})
    strategies = ("easy", "semihard", "hard", "all")
    for pos, neg in itertools.product(strategies, strategies):
        if {pos, neg} in ({"semihard"}, {"semihard", "all"}):
            continue
        for loss in ("TripletMarginLoss", "ContrastiveLoss"):
            labelled(loss, {"margin": 0.3} if loss[0] == "T" else {}, "random", "BatchEasyHardMiner",
                     {"pos_strategy": pos, "neg_strategy": neg})
    labelled("TripletMarginLoss", {"margin": 0.3}, "random", "BatchEasyHardMiner",
             {"allowed_pos_range": [0.5, 1.2], "allowed_neg_range": [0.9, 1.5], "pos_strategy": "hard", "neg_strategy": "hard"})
    labelled("TripletMarginLoss", {"margin": 0.3}, "random", "BatchEasyHardMiner",
             {"distance": "CosineSimilarity", "pos_strategy": "hard", "neg_strategy": "semihard"})
    labelled("TripletMarginLoss", {"margin": 0.3}, "random", "BatchEasyHardMiner",
             {"distance": "CosineSimilarity", "pos_strategy": "semihard", "neg_strategy": "hard"})
    labelled("TripletMarginLoss", {}, "separated", "BatchEasyHardMiner", {})
    for loss in ("TripletMarginLoss", "ContrastiveLoss", "NTXentLoss"):
        for negatives in ("session", "batch"):
            in_sessions(loss, {"negatives": negatives})

    pairs = ([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], [0, 1] * 6, [[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]])
    triplets = ([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], [0, 1, -1] * 4, [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]])
    two_negatives = ([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], [0, 1, -1, -1] * 3,
                     [[0, 4, 8], [1, 5, 9], [2, 6, 10], [3, 7, 11]])
    for rows in (pairs, triplets, two_negatives):
        for options in ({}, {"scale": 1.0}, {"symmetric": True}, {"similarity_fct": "dot_score", "scale": 1.0}):
            ranked(options, "random", *rows)
    ranked({}, "two", [0, 0], [0, 1], [[0], [1]])
    ranked({"symmetric": True}, "near", *pairs)
    several_positives()

    left, right, scores = [0, 2, 4, 0], [1, 3, 5, 6], [1.0, 0.25, 0.0, 0.5]
    scored("CosineSimilarityLoss", {}, "random", left, right, scores, st.CosineSimilarityLoss(lambda f: f))
    scored("CosineSimilarityLoss", {"loss_fct": "L1Loss", "cos_score_transformation": "Sigmoid"}, "random", left, right,
           scores, st.CosineSimilarityLoss(lambda f: f, torch.nn.L1Loss(), torch.nn.Sigmoid()))
    for transformation in ("ReLU", "Tanh"):
        scored("CosineSimilarityLoss", {"cos_score_transformation": transformation}, "random", left, right, scores,
               st.CosineSimilarityLoss(lambda f: f, cos_score_transformation=getattr(torch.nn, transformation)()))
    scored("CosineSimilarityLoss", {}, "duplicates", [0, 0, 2], [1, 4, 3], [1.0, 0.0, 0.5],
           st.CosineSimilarityLoss(lambda f: f))
    for options in ({}, {"margin": 1.5}, {"size_average": False}, {"distance_metric": "EUCLIDEAN", "margin": 4.0}):
        scored("SiameseContrastiveLoss", options, "random", left, right, [1, 0, 0, 1], siamese(options))
    every = [(i, j) for i, j in itertools.combinations(range(12), 2)]
    labels = LABELS["random"]

    def all_pairs(x):
        features = [{"sentence_embedding": x[[p[k] for p in every]]} for k in (0, 1)]
        return siamese({})(features, torch.tensor([int(labels[i] == labels[j]) for i, j in every]))

    record("SiameseContrastiveLoss labels", "SiameseContrastiveLoss", {}, "random", {"labels": labels}, all_pairs)

    target = Path(folder) / "losses.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "embeddings": {name: x.tolist() for name, x in EMBEDDINGS.items()},
        "cases": CASES,
    }
    target.write_text(json.dumps(rounded(document), separators=(",", ":")) + "\n")
    print(len(CASES), "cases,", target.stat().st_size, "bytes")


def rounded(value):
    """Floats with the nine digits that a float32 has."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, (list, tuple)) else value


if __name__ == "__main__":
    main(sys.argv[1])
