"""Writes golden/match_documents.bin and golden/match_{cosine,euclidean,dot}.bin with docarray 0.21.

Run with docarray==0.21.* and numpy<2:  python golden_match.py

Each match_*.bin is a DocumentArrayProto of queries with the matches that docarray's
DocumentArray.match(documents, metric=..., limit=20) gives them; for `dot` the metric is
the negated inner product, handed over as a function, because docarray has no name for it.
The vectors have lengths from 1e-4 to 1e3: docarray adds 1e-7 to both sides of the cosine's quotient,
which shows where vectors are short.
"""

from pathlib import Path

import numpy as np
from docarray import Document, DocumentArray

RESOURCES = Path(__file__).resolve().parent.parent / "resources" / "golden"
DIMENSION = 12


def vector(random, length, dtype):
    v = random.normal(size=DIMENSION)
    return (v / np.linalg.norm(v) * length).astype(dtype)


def save(name, array):
    RESOURCES.mkdir(parents=True, exist_ok=True)
    (RESOURCES / name).write_bytes(array.to_protobuf().SerializeToString(deterministic=True))


def bare(queries):
    """The queries with nothing of their matches but ids and scores."""
    kept = DocumentArray()
    for query in queries:
        q = Document(id=query.id, embedding=query.embedding)
        for match in query.matches:
            m = Document(id=match.id, adjacency=match.adjacency)
            m.scores = match.scores
            q.matches.append(m)
        kept.append(q)
    return kept


def apart(metric, query, documents):
    """Whether rounding cannot change the order of the nearest: docarray counts in 32 bits."""
    q, d = np.float64(query.embedding), np.float64(documents.embeddings)
    if metric == "cosine":
        norms = np.linalg.norm(q) * np.linalg.norm(d, axis=1)
        distances = 1 - (d @ q + 1e-7) / (norms + 1e-7)
    else:
        distances = np.linalg.norm(d - q, axis=1) if metric == "euclidean" else -d @ q
    nearest = np.sort(distances)[:21]
    return np.min(np.diff(nearest) / np.maximum(1, np.abs(nearest[1:]))) > 4e-5


random = np.random.default_rng(11)
documents = DocumentArray(
    Document(id=f"d{i:02}", embedding=vector(random, 10.0 ** random.uniform(-2, 3), "f4"))
    for i in range(60)
)
save("match_documents.bin", documents)
for metric in ("cosine", "euclidean", "dot"):
    queries = DocumentArray()
    while len(queries) < 8:
        length = 10.0 ** random.uniform(-4 if metric == "cosine" else -1, 2)
        query = Document(id=f"q{len(queries)}", embedding=vector(random, length, "f4"))
        if apart(metric, query, documents):
            queries.append(query)
    if metric == "dot":
        queries.match(documents, metric=lambda x, y: -np.dot(x, y.T), metric_name="dot", limit=20)
    else:
        queries.match(documents, metric=metric, limit=20)
    save(f"match_{metric}.bin", bare(queries))
