"""Where does a mark on an embedding survive a Python hop? Run with docarray==0.21.*, numpy<3.

Prints one line per candidate place and kind of handling. The decision (the key `attune.space` of
`_metadata`, with a CRC-32C of the vector) is in EmbeddingSpace.java; golden messages that went through
docarray are written by golden_documents.py.
"""

import copy
import pickle

import numpy as np
from docarray import Document, DocumentArray


def marked():
    message = Document(text="a", embedding=np.arange(3, dtype="<f4"), tags={"own": 1}).to_protobuf()
    message.embedding.parameters["attune.space"] = "s"
    message._metadata["attune.space"] = "s"
    message.tags["attune.space"] = "s"
    return message


def survivors(message):
    places = {
        "embedding.parameters": message.embedding.parameters,
        "_metadata": message._metadata,
        "tags": message.tags,
    }
    return [name for name, struct in places.items() if "attune.space" in struct]


def in_place(document):
    document.text = "changed"
    document.weight = 2
    document.chunks.append(Document(text="chunk"))
    return document


def own_tags(document):
    document.tags = {"theirs": True}
    return document


def embeddings_setter(document):
    array = DocumentArray([document])
    array.embeddings = np.ones((1, 3), dtype="<f4")
    return array[0]


HANDLINGS = {
    "from_protobuf/to_protobuf": lambda d: d,
    "in-place edits": in_place,
    "tags replaced": own_tags,
    "copied": lambda d: Document(d, copy=True),
    "deep copy": copy.deepcopy,
    "pickle": lambda d: pickle.loads(pickle.dumps(d)),
    "DocumentArray bytes": lambda d: DocumentArray.from_bytes(
        DocumentArray([d]).to_bytes("protobuf"), "protobuf"
    )[0],
    "array protobuf": lambda d: DocumentArray.from_protobuf(DocumentArray([d]).to_protobuf())[0],
    "reduced into a bare twin": lambda d: DocumentArray([Document(id=d.id)]).reduce(
        DocumentArray([d])
    )[0],
    "embedding replaced (stale)": embeddings_setter,
    "embedding popped (stale)": lambda d: (d.pop("embedding"), d)[1],
    "proto dict": lambda d: Document.from_dict(d.to_dict(protocol="protobuf"), protocol="protobuf"),
}

for name, handle in HANDLINGS.items():
    document = handle(Document.from_protobuf(marked()))
    print(f"{name:30s} {survivors(document.to_protobuf())}")
for kind in ("list", "numpy"):
    message = Document.from_protobuf(marked()).to_protobuf(ndarray_type=kind)
    print(f"{'ndarray_type=' + kind:30s} {survivors(message)} dtype {message.embedding.dense.dtype}")
