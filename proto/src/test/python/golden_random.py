"""Writes golden/random_reduce.bin and golden/random_summary.{bin,txt}: random arrays, reduced and summed up by docarray 0.21.

Run with docarray==0.21.*, numpy<3, scipy and protobuf>=5:  COLUMNS=300 python golden_random.py

random_reduce.bin is a sequence of length-prefixed DocumentArrayProtos: left, right, result, left, … The summaries are
separated by form feeds. Python prints the types of a column in the order of a set; here they are sorted.
"""

import contextlib
import io
import random
import re

import numpy as np
from docarray import Document, DocumentArray
from docarray.score import NamedScore
from google.protobuf import proto
from scipy.sparse import csr_matrix

from golden import write

RANDOM = random.Random(3)
FIELDS = {
    "text": lambda: RANDOM.choice(["a", "b", "Grüße"]),
    "blob": lambda: bytes([RANDOM.randrange(3)]),
    "tensor": lambda: np.full(RANDOM.randrange(1, 3), RANDOM.randrange(3), "f4"),
    "embedding": lambda: RANDOM.choice([np.ones(2, "f4"), [0.5, 1.5], csr_matrix(np.eye(2))]),
    "tags": lambda: {RANDOM.choice("xy"): RANDOM.choice([1, "v", [True], {}])},
    "weight": lambda: RANDOM.choice([0.5, 2]),
    "offset": lambda: RANDOM.choice([1.5, 3]),
    "location": lambda: [1.0, RANDOM.choice([2.0, 3.0])],
    "uri": lambda: "u" + str(RANDOM.randrange(2)),
    "mime_type": lambda: "text/plain",
    "modality": lambda: RANDOM.choice(["m", "n"]),
    "granularity": lambda: RANDOM.randrange(3),
    "adjacency": lambda: RANDOM.randrange(3),
    "parent_id": lambda: RANDOM.choice(["p", "q"]),
    "scores": lambda: {"s": NamedScore(value=RANDOM.choice([0, 1.5]), ref_id="r")},
    "evaluations": lambda: {"e": NamedScore(value=1)},
}
CONTENTS = {"text", "blob", "tensor"}


def document(id, depth, fields):
    names = RANDOM.sample(sorted(fields), RANDOM.randrange(0, 6))
    kept = RANDOM.choice(sorted(CONTENTS))
    d = Document(id=id, **{n: FIELDS[n]() for n in names if n == kept or n not in CONTENTS})
    if depth:
        for nested in (d.chunks, d.matches):
            if RANDOM.random() < 0.5:
                nested.extend(document(i, depth - 1, fields) for i in RANDOM.sample("abcd", RANDOM.randrange(3)))
    return d


def array(ids, depth, fields=FIELDS):
    docs = DocumentArray([document(i, depth, fields) for i in ids])
    return DocumentArray.from_protobuf(docs.to_protobuf())


out = io.BytesIO()
for _ in range(150):
    left, right = (array(RANDOM.sample("abcd", RANDOM.randrange(4)), 2) for _ in range(2))
    proto.serialize_length_prefixed(left.to_protobuf(), out)
    proto.serialize_length_prefixed(right.to_protobuf(), out)
    proto.serialize_length_prefixed(left.reduce(right).to_protobuf(), out)
write("random_reduce.bin", out.getvalue())

out = io.BytesIO()
texts = []
for _ in range(40):
    some = RANDOM.sample(sorted(FIELDS), RANDOM.randrange(1, 7))
    fields = {n: FIELDS[n] for n in {*some, "text", "weight", "uri", "tags", "offset"}}
    docs = array([str(i % 7) for i in range(RANDOM.randrange(0, 9))], RANDOM.randrange(2), fields)
    proto.serialize_length_prefixed(docs.to_protobuf(), out)
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen):
        docs.summary()
    rows = []
    for row in screen.getvalue().splitlines(keepends=True):
        cell = re.search(r"\('(?:NoneType|ndarray|list|csr_matrix)'(?:, '\w+')+\)", row)
        if cell:
            names = sorted(re.findall(r"'(\w+)'", cell[0]))
            row = row.replace(cell[0], "(" + ", ".join(f"'{n}'" for n in names) + ")")
        rows.append(row)
    texts.append("".join(rows))
write("random_summary.bin", out.getvalue())
write("random_summary.txt", "\f".join(texts).encode())
