"""Writes golden/tree.bin, traverse.txt, summary_*.{bin,txt} and reduce_*.bin with docarray 0.21.

Run with docarray==0.21.*, numpy<3 and scipy:  COLUMNS=200 PYTHONHASHSEED=5 python golden_arrays.py
(the hash seed only orders the types of a column, which Python prints in the order of a set)
"""

import contextlib
import io

import numpy as np
from docarray import Document, DocumentArray
from docarray.score import NamedScore
from scipy.sparse import coo_matrix

from golden import RESOURCES, write


def save(name, array):
    write(name, array.to_protobuf().SerializeToString(deterministic=True))


# traversal: three roots with 0..3 chunks and matches, three levels deep
def tree(prefix, depth):
    d = Document(id=prefix)
    if depth < 3:
        for i in range((len(prefix) + depth) % 4 if depth else 3):
            d.chunks.append(tree(f"{prefix}c{i}", depth + 1))
        for i in range((len(prefix) * 2 + depth + 1) % 4):
            d.matches.append(tree(f"{prefix}m{i}", depth + 1))
    return d


array = DocumentArray([tree(f"r{i}" + "x" * i, 0) for i in range(4)])
save("tree.bin", array)
PATHS = ["@r", "r", "@c", "@m", "@cc", "@cm", "@mc", "@mm", "@ccm", "@r,c", "@r,m", "@r,c,m", "@c,r,c", "@cm,mc", "@r[:2]",
         "@r[0:10]", "@c[:3]", "@c[1]", "@c1", "@c:2", "@r[-2:]c", "@r[::2]", "@r[::-1]", "@r[3:0:-1]", "@c[-1:]m[:1]",
         "@rc", "@cr", "@cr[0]", "@r[1:]r[0]", "@ r , c [ 0 : 2 ]", "@r[5:]", "@r[-100:100]", "@r[2:1]", "@c[:]",
         "@rr,rr", "@c[0],m[0]", "@m[1:2]c[:1],r[1:3:1]", "@r0:2", "@r:", "@r[10:-10:-1]"]
lines = []
for path in PATHS:
    flat = array[path] if path.startswith("@") else array.traverse_flat(path)
    groups = [[d.id for d in group] for group in array.traverse(path.lstrip("@"))]
    assert [d.id for d in flat] == [i for g in groups for i in g]
    lines.append(path + "\t" + "|".join(",".join(g) for g in groups))
write("traverse.txt", ("\n".join(lines) + "\n").encode())


# summaries
def summary(name, array):
    array = DocumentArray.from_protobuf(array.to_protobuf())
    save(f"summary_{name}.bin", array)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        array.summary()
    write(f"summary_{name}.txt", out.getvalue().encode())


summary("texts", DocumentArray([Document(id=str(i), text=t) for i, t in enumerate("aab")]))
summary("empty", DocumentArray())
summary("single", DocumentArray([Document(id="a")]))
mixed = DocumentArray([
    Document(id="1", text="a", embedding=np.zeros(2), tags={"x": 1}, weight=0.5),
    Document(id="2", text="a", embedding=np.zeros(2), tags={"x": 1}, weight=0.5),
    Document(id="3", blob=b"x", uri="u", mime_type="image/png", modality="image"),
    Document(id="4", tensor=np.zeros((2, 2)), location=[1, 2], offset=1.5),
    Document(id="5", chunks=[Document(id="c")], matches=[Document(id="m")]),
    Document(id="6", scores={"cosine": NamedScore(value=1)}, evaluations={"e": NamedScore(value=1)}),
])
summary("mixed", mixed)
summary("marked", DocumentArray([Document(id="1", text="a", _metadata={"attune.space": "x"})]))
summary("types", DocumentArray([
    Document(id="1", embedding=[1.0, 2.0]),
    Document(id="2", embedding=np.zeros(2)),
    Document(id="3", embedding=coo_matrix(np.eye(2))),
]))
summary("multimodal", DocumentArray([Document(id="1", _metadata={"multi_modal_schema": {}})]))

# reduce
left = DocumentArray([
    Document(id="a", text="left", tags={"l": 1}, embedding=np.ones(2, "f4"), matches=[Document(id="m2"), Document(id="m1", weight=1)]),
    Document(id="b", weight=2, scores={"x": NamedScore(value=1)}),
    Document(id="c", text="text"),
    Document(id="d", _metadata={"own": 1}),
])
right = DocumentArray([
    Document(id="new", text="n"),
    Document(id="b", text="right", weight=3, tags={"r": 1}, location=[1, 2], offset=1, modality="m", evaluations={"e": NamedScore(value=2)}, scores={"y": NamedScore(value=1)}, chunks=[Document(id="bc")]),
    Document(id="a", text="right", tags={"r": 1}, embedding=np.zeros(2, "f4"), mime_type="text/x", matches=[Document(id="m1", text="t", weight=7), Document(id="m3", chunks=[Document(id="m3c")])]),
    Document(id="c", blob=b"blob"),
    Document(id="d", _metadata={"theirs": 1}, granularity=3, adjacency=2, parent_id="p"),
    Document(id="new", text="other", weight=9),
])
left = DocumentArray.from_protobuf(left.to_protobuf())
right = DocumentArray.from_protobuf(right.to_protobuf())
save("reduce_left.bin", left)
save("reduce_right.bin", right)
save("reduce_result.bin", left.reduce(right))
print(*sorted(p.name for p in RESOURCES.iterdir()))
