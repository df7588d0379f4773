"""Writes golden/space_*.bin: a marked document as Attune writes it, and what docarray 0.21 makes of it.

Run with docarray==0.21.* and numpy<3:  python golden_space.py
"""

import copy

import numpy as np
from docarray import Document, DocumentArray
from docarray.proto.docarray_pb2 import DocumentProto

from golden import crc32c, write

VECTOR = np.array([0.25, -1.5, 3.0, 0.1], dtype="<f4")

ours = DocumentProto(id="0" * 32, text="hello")
ours.embedding.dense.buffer = VECTOR.tobytes()
ours.embedding.dense.shape.append(4)
ours.embedding.dense.dtype = "<f4"
ours.embedding.cls_name = "numpy"
ours._metadata["attune.space"] = f"{crc32c(VECTOR.tobytes()):08x}:minilm@1"
write("space_ours.bin", ours.SerializeToString(deterministic=True))


def save(name, document, **kwargs):
    write(f"space_{name}.bin", document.to_protobuf(**kwargs).SerializeToString(deterministic=True))


hop = Document.from_protobuf(DocumentProto.FromString(ours.SerializeToString()))
save("hop", hop)
save("as_list", hop, ndarray_type="list")

edited = copy.deepcopy(hop)
edited.text = "changed"
edited.tags = {"theirs": True}
save("edited", edited)

replaced = DocumentArray([copy.deepcopy(hop)])
replaced.embeddings = np.ones((1, 4), dtype="<f4")
save("replaced", replaced[0])

popped = copy.deepcopy(hop)
popped.pop("embedding")
save("popped", popped)

big_endian = copy.deepcopy(hop)
big_endian.embedding = VECTOR.astype(">f8")
save("big_endian", big_endian)
