"""Writes golden/stream_*.bin, file_documents.bin, csv_cases.bin: files as docarray and Python's csv write and read them.

Run with docarray==0.21.*, numpy<3 and lz4:  python golden_files.py

stream_*.bin are docarray's binary streams of file_documents.bin, a DocumentArrayProto. csv_cases.bin is a
google.protobuf.ListValue of objects {"input": text, "delimiter", "quote", "rows": the rows that Python's strict reader
finds, or null if it refuses, "written": whether Python's writer wrote the input from these rows}.
"""

import csv
import io
import random

import numpy as np
from docarray import Document, DocumentArray
from docarray.score import NamedScore
from google.protobuf.struct_pb2 import ListValue

from golden import RESOURCES, write

array = DocumentArray([
    Document(id="a" * 32, text="Grüße \U0001f600", tags={"n": 5, "nested": {"list": [1, "x", None, True]}}),
    Document(id="b" * 32, blob=bytes(range(256)), uri="data:,x", mime_type="application/octet-stream"),
    Document(id="c" * 32, tensor=np.arange(12, dtype="i4").reshape(3, 4), embedding=np.linspace(0, 1, 16, dtype="f4"),
             chunks=[Document(id="d" * 32, text="chunk " * 200)],
             matches=[Document(id="e" * 32, scores={"cosine": NamedScore(value=0.25)})]),
])
array = DocumentArray.from_protobuf(array.to_protobuf())
write("file_documents.bin", array.to_protobuf().SerializeToString(deterministic=True))
for compress in (None, "gzip", "zlib", "bz2", "lzma", "lz4"):
    with open(RESOURCES / f"stream_{compress or 'none'}.bin", "wb") as file:
        array.save_binary(file, protocol="protobuf", compress=compress)
with open(RESOURCES / "stream_empty.bin", "wb") as file:
    DocumentArray().save_binary(file, protocol="protobuf")
array[:1].save_binary(str(RESOURCES / "stream_pickle.bin"), protocol="pickle-array")
array[:1].save_binary(str(RESOURCES / "stream_array.bin"), protocol="protobuf-array")

RANDOM = random.Random(7)
PIECES = ["a", "bc", "\"", "\"\"", ",", ";", "\t", "\n", "\r", "\r\n", " ", "'", "|", "ä", "\U0001f600", "\0", "\ufeff", "5"]
DIALECTS = [(",", "\""), (";", "\""), ("\t", "\""), ("|", "'"), (",", "'"), ("ä", "\"")]


def parse(text, delimiter, quote):
    try:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter, quotechar=quote)
        return [row for row in rows if row]  # empty lines are skipped
    except csv.Error:
        return None


def cell():
    return "".join(RANDOM.choice(PIECES) for _ in range(RANDOM.choice([0, 1, 1, 2, 4])))


cases = []
for i in range(300):  # tables that Python wrote
    delimiter, quote = RANDOM.choice(DIALECTS)
    width = RANDOM.randint(1, 4)
    table = [[cell().lstrip("\ufeff") for _ in range(width)] for _ in range(RANDOM.randint(1, 4))]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quotechar=quote).writerows(table)
    assert parse(out.getvalue(), delimiter, quote) == table, (table, out.getvalue())
    cases.append({"input": out.getvalue(), "delimiter": delimiter, "quote": quote, "rows": table, "written": True})
for i in range(1500):  # anything
    delimiter, quote = RANDOM.choice(DIALECTS)
    pieces = ["a", "b", delimiter, delimiter, quote, quote, "\n", "\r", "\r\n", " ", "ä"]
    text = "".join(RANDOM.choice(pieces) for _ in range(RANDOM.randint(0, 12)))
    cases.append({"input": text, "delimiter": delimiter, "quote": quote,
                  "rows": parse(text, delimiter, quote), "written": False})
message = ListValue()
message.extend(cases)
write("csv_cases.bin", message.SerializeToString(deterministic=True))
print(sum(case["rows"] is None for case in cases), "refused of", len(cases))
