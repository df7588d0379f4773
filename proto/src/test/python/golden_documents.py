"""Writes golden/tensors.bin and golden/documents.bin, messages as docarray 0.21 serialises them.

Run with docarray==0.21.*, numpy<3 and scipy:  python golden_documents.py

tensors.bin is a DocumentArrayProto of tensors; the tags hold what each one is: shape, and values in C order as 64-bit
floats. documents.bin has one document of each kind of content and one with every field.
"""

import numpy as np
from docarray import Document, DocumentArray
from docarray.score import NamedScore
from scipy.sparse import bsr_matrix, coo_matrix, csc_matrix, csr_matrix

from golden import write

ARRAYS = {
    "f2": np.array([0.1, -65504, 6e-8, np.inf], "f2"),
    "f4": np.array([[0.1, -2.5, 3e38], [1e-45, -0.0, 7]], "f4"),
    "f8": np.array([0.1, -1e300, 5e-324], "f8"),
    "i1": np.array([-128, 0, 127], "i1"),
    "i2": np.array([-32768, 32767], "i2"),
    "i4": np.array([-2**31, 2**31 - 1], "i4"),
    "i8": np.array([-2**63, 2**53], "i8"),
    "u1": np.array([0, 255], "u1"),
    "u2": np.array([0, 65535], "u2"),
    "u4": np.array([0, 2**32 - 1], "u4"),
    "u8": np.array([0, 2**63, 2**64 - 2048], "u8"),
    "b1": np.array([[True], [False]], "?"),
    "big f4": np.array([0.1, -2.5], ">f4"),
    "big i2": np.array([-2, 258], ">i2"),
    "big u8": np.array([2**63], ">u8"),
    "scalar": np.array(2.5),
    "empty": np.zeros(0, "f4"),
    "empty rows": np.zeros((2, 0, 3), "f4"),
    "fortran": np.asfortranarray(np.arange(6, dtype="f4").reshape(2, 3)),
    "strided": np.arange(10, dtype="i4")[::-3],
    "list": [[1.5, 2.0], [3.0, 4.0]],
    "coo": coo_matrix(([1.5, 2.0, 3.0], ([0, 1, 1], [1, 0, 0])), shape=(2, 3)),
    "csr": csr_matrix(np.array([[0, 1.5, 0], [2, 0, -3]])),
    "csc": csc_matrix(np.array([[0, 1.5, 0], [2, 0, -3]])),
    "bsr": bsr_matrix(np.array([[0, 1.5], [2, 0]])),
    "sparse empty": coo_matrix((2, 3)),
}
tensors = DocumentArray()
for name, array in ARRAYS.items():
    dense = array.toarray() if hasattr(array, "toarray") else np.array(array)
    tags = {"shape": [float(n) for n in dense.shape], "values": [float(x) for x in dense.ravel()]}
    tensors.append(Document(id=name, tensor=array, tags=tags))
write("tensors.bin", tensors.to_protobuf().SerializeToString(deterministic=True))

documents = DocumentArray([
    Document(id="text", text="Grüße \U0001f600\0\n"),
    Document(id="blob", blob=bytes(range(256))),
    Document(id="tensor", tensor=np.array([[1, 2], [3, 4]], "i8")),
    Document(id="tags", tags={"nested": {"list": [1, "x", None, True, {}, []]}}),
    Document(
        id="full", parent_id="parent", granularity=1, adjacency=2, text="t", mime_type="text/plain", weight=0.5,
        uri="data:,x", tags={"n": 5}, offset=1.5, location=[1.0, 2.5], modality="m",
        embedding=np.array([0.25, -1.5], "f4"),
        scores={"cosine": NamedScore(value=0.25, op_name="cosine", description="d", ref_id="r")},
        evaluations={"ndcg": NamedScore(value=0.75)},
        chunks=[Document(id="chunk", text="c", chunks=[Document(id="deep", text="d")])],
        matches=[Document(id="match", adjacency=1)]),
])
write("documents.bin", documents.to_protobuf().SerializeToString(deterministic=True))
