"""Writes golden/json_*.{json,bin}: documents as docarray 0.21 writes and reads JSON.

Run with docarray==0.21.*, numpy<3, scipy and pydantic<2:  python golden_json.py

json_written.bin is the array whose JSON docarray wrote to json_written.json (without blanks);
json_read.bin is what docarray makes of that JSON, without the scalar that it cannot read.
"""

import json

import numpy as np
from docarray import Document, DocumentArray
from docarray.score import NamedScore
from scipy.sparse import coo_matrix

from golden import write

array = DocumentArray([
    Document(id="bare"),
    Document(id="text", text="Grüße \U0001f600 \"quoted\"\nline", uri="data:,x", mime_type="text/plain",
             modality="text", weight=0.5, offset=1.5, location=[1.0, 2.5], parent_id="p", granularity=2, adjacency=1,
             tags={"int": 5}, embedding=np.array([0.5, -1.25], "f4"), _metadata={"attune.space": "00000000:s"}),
    Document(id="nested", tags={"a": {"b": [1, "x", None, True, {}]}},
             chunks=[Document(id="c", blob=b"\x00\xff\xfe", chunks=[Document(id="cc", text="deep")])],
             matches=[Document(id="m", scores={"cosine": NamedScore(value=0.25, op_name="cosine", ref_id="nested")})]),
    Document(id="evaluated", evaluations={"ndcg": NamedScore(value=0.75, description="d")}),
    Document(id="matrix", tensor=np.array([[1.5, 2], [3, 4]], "f2")),
    Document(id="ints", tensor=np.array([[[1], [-2]]], "i4")),
    Document(id="bytes", tensor=np.array([0, 255], "u1")),
    Document(id="unsigned", tensor=np.array([2**63 + 1], "u8")),
    Document(id="bools", tensor=np.array([True, False])),
    Document(id="scalar", tensor=np.array(2.5)),
    Document(id="none", tensor=np.zeros((2, 0))),
    Document(id="big", tensor=np.array([1.5, -2.0], ">f8")),
    Document(id="listed", embedding=[[0.5], [1.5]]),
    Document(id="sparse", embedding=coo_matrix(np.array([[0, 1.5], [2, 0]]))),
])
array = DocumentArray.from_protobuf(array.to_protobuf())
text = json.dumps(array.to_list(), separators=(",", ":"), ensure_ascii=False)
write("json_written.bin", array.to_protobuf().SerializeToString(deterministic=True))
write("json_written.json", text.encode())
read = DocumentArray.from_json(json.dumps([d for d in json.loads(text) if d["id"] != "scalar"]))
write("json_read.bin", read.to_protobuf().SerializeToString(deterministic=True))
