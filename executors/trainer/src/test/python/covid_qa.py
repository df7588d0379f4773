"""Covid QA as Finetuner's toy data makes it, stated independently of the Java code.

Writes counts, hashes and samples of ids (no texts) for CovidQaTest.
pip install numpy; python covid_qa.py .../data/covid-qa/news.csv
"""

import csv
import hashlib
import json
import pathlib
import sys

import numpy as np

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'  # Keras' default
SPACES = str.maketrans({c: " " for c in FILTERS})
LENGTH = 100
COLUMNS = ("question", "answer", "wrong_answer")


def words(text):
    return [word for word in text.lower().translate(SPACES).split(" ") if word]


def encode(text, ids):
    known = [ids.get(word, 1) for word in words(text)][-LENGTH:]
    return [0] * (LENGTH - len(known)) + known


with open(sys.argv[1], encoding="utf-8") as file:  # universal newlines, as Python's default
    rows = list(csv.DictReader(file))
counts = {}
for column in COLUMNS:
    for row in rows:
        for word in words(row[column]):
            counts[word] = counts.get(word, 0) + 1
ids = {}
for word, count in counts.items():
    if count >= 2:
        ids[word] = len(ids) + 2
used = [(number, row) for number, row in enumerate(rows) if row["answer"]]
out = {
    "rows": len(rows),
    "used": len(used),
    "even": sum(number % 2 == 0 for number, _ in used),
    "odd": sum(number % 2 == 1 for number, _ in used),
    "types": len(counts),
    "kept": len(ids),
    "long_answers": sum(len(words(row["answer"])) > LENGTH for row in rows),
}
for column in COLUMNS:
    matrix = np.array([encode(row[column], ids) for _, row in used], dtype="<i8")
    out[column] = {
        "sha256": hashlib.sha256(matrix.tobytes()).hexdigest(),
        "sum": int(matrix.sum()),
        "unknown": int((matrix == 1).sum()),
        "padding": int((matrix == 0).sum()),
        "largest": int(matrix.max()),
        "row_100": matrix[100].tolist(),
    }
target = pathlib.Path(__file__).parent / "../resources/io/attune/trainer/data/toy/covid_qa.json"
target.write_text(json.dumps(out) + "\n")
