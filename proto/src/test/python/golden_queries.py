"""Writes golden/query_documents.bin and golden/queries.bin: what docarray 0.21 finds.

Run with docarray==0.21.* and numpy<3:  python golden_queries.py

query_documents.bin is a DocumentArrayProto. queries.bin is a google.protobuf.ListValue of objects
{"query": …, "expected": "TFE…"}, one letter per document: fits, does not, or docarray raises. The
documents went through the wire once, as in a Flow.
"""

import random

import numpy as np
from docarray import Document, DocumentArray
from docarray.array.queryset.parser import QueryParser
from docarray.score import NamedScore
from google.protobuf.struct_pb2 import ListValue

from golden import write

RANDOM = random.Random(42)
WORDS = ["apple", "Äpfel", "apple pie", "zebra", "", "a\nb", "x.y", "ﬀ", "\U0001f600", "2024-11-21", "Apple"]
SCALARS = [0, 1, 2, 5, 5.5, -3, 1e9, True, False, None, "", "5", "apple", "zebra", "\uffff", "\U0001f600"]


def tags():
    result = {}
    if RANDOM.random() < 0.8:
        result["price"] = RANDOM.choice([0, 1, 2.5, 5, 7, 10, -3])
    if RANDOM.random() < 0.7:
        result["type"] = RANDOM.choice(["fruit", "animal", "Fruit", "fruit salad", ""])
    if RANDOM.random() < 0.5:
        result["mixed"] = RANDOM.choice(SCALARS)
    if RANDOM.random() < 0.5:
        result["sizes"] = RANDOM.choice([[], [1], [1, 2], [2, 1, 3], ["a", 1], [None], [[1], {"k": 1}]])
    if RANDOM.random() < 0.5:
        result["maker"] = RANDOM.choice([{}, {"name": "acme", "address": {"city": "Bonn"}}, {"name": None}])
    if RANDOM.random() < 0.3:
        result["other"] = RANDOM.choice(["apple", "zebra", 5, 1.0])
    return result


def document(i):
    d = Document(id=f"{i:032x}", tags=tags())
    kind = RANDOM.random()
    if kind < 0.7:
        d.text = RANDOM.choice(WORDS)
    elif kind < 0.8:
        d.blob = bytes(range(RANDOM.randrange(5)))
    elif kind < 0.9:
        d.tensor = np.zeros((RANDOM.randrange(1, 4), 2))
    if RANDOM.random() < 0.5:
        d.weight = RANDOM.choice([0.0, 0.1, 1.0, -2.5, 5])
    if RANDOM.random() < 0.3:
        d.uri = RANDOM.choice(["data:,x", "http://a/b.png"])
    if RANDOM.random() < 0.3:
        d.embedding = np.arange(RANDOM.randrange(1, 5), dtype="f4")
    if RANDOM.random() < 0.3:
        d.location = [1.0, 2.5]
    if RANDOM.random() < 0.4:
        d.scores["cosine"] = NamedScore(value=RANDOM.choice([0.0, 0.25, 0.5]), op_name="cosine")
    for j in range(RANDOM.choice([0, 0, 1, 2])):
        d.chunks.append(Document(id=f"c{i}-{j}", text=RANDOM.choice(WORDS), tags={"n": j}))
    for j in range(RANDOM.choice([0, 0, 1, 3])):
        d.matches.append(Document(id=f"m{i}-{j}", weight=j))
    return d


FIELDS = ["tags__price", "tags__type", "tags__mixed", "tags__sizes", "tags__maker__name", "tags__absent",
          "tags__maker__address__city", "tags__sizes__0", "text", "weight", "scores__cosine__value",
          "granularity", "uri", "location", "tags", "mime_type", "tags__maker", "chunks__0__text",
          "matches__-1__weight", "content", "content_type", "scores", "parent_id"]
OPERANDS = [0, 1, 2, 5, 5.0, 0.1, 0.25, -3, True, False, "apple", "zebra", "fruit", "", "5", "\uffff",
            "\U0001f600", "{tags__other}", "{ text }", "{weight}", "{tags__price}", "{tags__sizes}",
            [], [1, 2], [1, 3], [True], "Bonn", "acme", 1e9]
LISTS = [[], ["apple", "zebra"], [0, 5], [True, "fruit"], [None], ["acme", "Bonn", 2.5], [[1, 2]],
         [[True]], "{tags__sizes}", ["{text}"]]
REGEXES = ["^a", "e$", "(?i)APPLE", r"^\w+$", r"\bpie\b", ".", "^.*$", r"a.b", "[^a-z]", r"\d{4}-\d\d",
           "(?P<x>p)(?P=x)", "z|Ä", "[[]", r"^\s*\Z", "a{,2}p", "x\\.y", "(?s)a.b", "p{2}", "{", "}",
           "[]x]", "[a&&b]", r"(.)\1", "^(?!app)", "f{", "[\\w-]+", "ä", "(?i)ä"]


def leaf():
    field = RANDOM.choice(FIELDS)
    operator = RANDOM.choice(["$eq", "$neq", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$regex", "$size", "$exists"])
    if operator in ("$in", "$nin"):
        return {field: {operator: RANDOM.choice(LISTS)}}
    if operator == "$regex":
        return {field: {operator: RANDOM.choice(REGEXES[:18])}}
    if operator == "$size":
        return {field: {operator: RANDOM.choice([0, 1, 2, 3, "{tags__price}"])}}
    if operator == "$exists":
        return {field: {operator: RANDOM.choice([True, False])}}
    return {field: {operator: RANDOM.choice(OPERANDS)}}


def tree(depth):
    """A random query whose objects never hold a second key beside $or or $not."""
    kind = RANDOM.random()
    if depth == 0 or kind < 0.3:
        return leaf()
    parts = [tree(depth - 1) for _ in range(RANDOM.randrange(0, 4))]
    if kind < 0.5:
        return {"$and": parts}
    if kind < 0.7:
        return {"$or": parts}
    if kind < 0.85:
        return {"$not": RANDOM.choice([leaf(), parts, {}])}
    a, b = leaf(), leaf()
    return {**a, **b, "$or": parts}


QUERIES = [
    {},
    {"$and": []}, {"$or": []}, {"$not": {}}, {"$or": [{}]}, {"$not": []},
    {"$or": {"text": {"$eq": "apple"}, "weight": {"$gt": 0}}},
    {"tags__price": {"$gte": 1, "$lt": 7}},
    {"tags__price": {"$gte": 1, "$lt": 7}, "tags__type": {"$eq": "fruit"}},
    {"tags__price": {"$not": {"tags__price": {"$gt": 2}}}},
    {"tags__price": {"$not": {"tags__price": {"$gt": 2}}, "$exists": True}},
    {"text": {"$size": 5}}, {"tags": {"$size": 2}}, {"tags": {"$size": "{tags__price}"}},
    {"chunks": {"$size": 1}}, {"matches": {"$size": 3}}, {"embedding": {"$size": 4}},
    {"tensor": {"$size": 2}}, {"blob": {"$size": 3}}, {"location": {"$size": 2}},
    {"tags__maker": {"$eq": {"name": None}}}, {"tags__maker": {"$eq": {}}},
    {"tags__maker": {"$in": [{}, {"name": None}]}},
    {"tags__mixed": {"$eq": None}}, {"tags__mixed": {"$neq": None}}, {"tags__absent__deep": {"$exists": False}},
    {"tags__sizes__2": {"$eq": 3}}, {"tags__sizes__-1": {"$eq": 1}}, {"text__0": {"$eq": "a"}},
    {"tags__sizes__1__k": {"$eq": 1}}, {"tags__price__x": {"$exists": True}},
    {"tags__": {"$exists": True}}, {"tags__maker__": {"$exists": True}},
    {"scores__cosine": {"$exists": True}}, {"scores__cosine__op_name": {"$eq": "cosine"}},
    {"scores__cosine__ref_id": {"$eq": ""}}, {"evaluations": {"$exists": False}},
    {"id": {"$in": [f"{i:032x}" for i in range(0, 200, 7)]}}, {"id": {"$regex": "f$"}},
    {"_metadata": {"$exists": False}}, {"weight": {"$eq": 0.1}}, {"weight": {"$in": [0.1, 1]}},
    {"text": {"$eq": "{tags__other}"}}, {"tags__price": {"$gt": "{weight}"}},
    {"chunks__0__tags__n": {"$eq": 0}}, {"chunks__1__text": {"$exists": True}}, {"chunks__-1__id": {"$regex": "-1$"}},
    {"tags__mixed": {"$lt": "b"}}, {"tags__mixed": {"$gte": "\U0001f600"}}, {"tags__mixed": {"$gt": "\ufffe"}},
]
QUERIES += [{field: {"$exists": value}} for field in ("text", "tags", "weight", "uri", "embedding", "tensor", "blob",
            "chunks", "matches", "scores", "location", "id", "content", "content_type", "mime_type", "granularity",
            "tags__price", "tags__mixed", "tags__maker__name") for value in (True, False)]
QUERIES += [{"text": {"$regex": regex}} for regex in REGEXES if not regex.startswith("{")]
QUERIES += [leaf() for _ in range(150)]
QUERIES += [tree(3) for _ in range(150)]

documents = DocumentArray([document(i) for i in range(200)])
documents = DocumentArray.from_protobuf(documents.to_protobuf())
write("query_documents.bin", documents.to_protobuf().SerializeToString(deterministic=True))


def evaluate(query):
    try:
        parser = QueryParser(query)
    except Exception as e:
        raise SystemExit(f"{query}: {e!r}")
    letters = ""
    for d in documents:
        try:
            letters += "T" if parser.evaluate(d) else "F"
        except Exception:
            letters += "E"
    if "E" not in letters:
        found = {d.id for d in documents.find(query, limit=1000)} if query else {d.id for d in documents}
        assert found == {d.id for d, c in zip(documents, letters) if c == "T"}, query
    return letters


golden = ListValue()
for query in QUERIES:
    golden.append({"query": query, "expected": evaluate(query)})
write("queries.bin", golden.SerializeToString(deterministic=True))
if __import__("sys").argv[1:]:
    for i in __import__("sys").argv[1:]:
        print(i, QUERIES[int(i)])
print(len(QUERIES), "queries")
