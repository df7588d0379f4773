"""What tuning on Covid QA reaches on sources that nobody chose settings by: a nested cross-validation.

    python3 covid_sources.py ./attune .../data/covid-qa/news.csv FOLDER

The sources are put in five parts of about the same number of questions. Each part is held out once. The rate is
chosen without it: the other sources are halved, each half is held out once, and the rate with the greatest mean
gain of the reciprocal rank over both halves is taken. With it the model is tuned on all other sources, and measured
once on the part held out. A question asked by two sources stays out of training where one of them is held out.

Needs Python's own library alone. Each run of `attune fit` keeps its JSON in FOLDER, and is not repeated where it is
there; a whole experiment is 35 runs. The pooled interval adds up the variances that the parts' paired bootstrap
intervals stand for, as if each were normal.
"""

import csv
import json
import math
import pathlib
import shutil
import subprocess
import sys

PARTS = 5
RATES = ["2e-5", "5e-5", "1e-4"]

attune, corpus, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])


def rows():
    with open(corpus, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["question"].strip() and row["answer"].strip():
                yield row


def balanced(counts, parts):
    """Sources in parts of about the same number of questions: the largest first, to the smallest part."""
    shares = [[] for _ in range(parts)]
    sizes = [0] * parts
    for source, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        smallest = sizes.index(min(sizes))
        shares[smallest].append(source)
        sizes[smallest] += count
    return shares


def counted(sources):
    return {source: len({plain(row) for row in ROWS if row["source"] == source}) for source in sources}


def plain(row):
    return " ".join(row["question"].lower().split())


def write(path, chosen):
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["anchor", "positive", "negative"])
        for row in chosen:
            if row["wrong_answer"].strip():
                out.writerow([row["question"], row["answer"], row["wrong_answer"]])


def fit(name, training, held_out, rate):
    """What attune fit reports of the sources held out; rows without a wrong answer take no part."""
    report = folder / f"{name}.json"
    if not report.exists():
        test = [row for row in ROWS if row["source"] in held_out]
        asked = {plain(row) for row in test}
        train = [row for row in ROWS if row["source"] in training and plain(row) not in asked]
        write(folder / "train.csv", train)
        write(folder / "test.csv", test)
        command = [attune, "fit", "--model", "all-MiniLM-L6-v2", "--train", folder / "train.csv"]
        command += ["--eval-queries", folder / "test.csv", "--loss", "MultipleNegativesRankingLoss"]
        command += ["--learning-rate", rate, "--epochs", "1", "--scheduler", "linear", "--batch-size", "96"]
        command += ["--set", "max_length=128", "--set", "threads=1", "--seed", "1"]
        # an empty store for each: without a version, the newest is tuned on
        command += ["--store", folder / f"{name}-store", "--runs", folder / f"{name}-runs", "--json", report]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for made in ("store", "runs"):
            shutil.rmtree(folder / f"{name}-{made}")
    return json.loads(report.read_text())


def gain(report, metric="reciprocal_rank"):
    return report["gain"][metric]


ROWS = list(rows())
folder.mkdir(parents=True, exist_ok=True)
counts = counted({row["source"] for row in ROWS})
pooled = []
for number, held_out in enumerate(balanced(counts, PARTS)):
    others = {source: count for source, count in counts.items() if source not in held_out}
    halves = balanced(others, 2)
    means = {}
    for rate in RATES:
        inner = []
        for half, inner_out in enumerate(halves):
            report = fit(f"{number}-{half}-{rate}", halves[1 - half], inner_out, rate)
            inner.append((sum(others[source] for source in inner_out), gain(report)["value"]))
        means[rate] = sum(n * value for n, value in inner) / sum(n for n, _ in inner)
    chosen = max(means, key=means.get)
    report = fit(f"{number}-outer", set(others), held_out, chosen)
    queries = sum(counts[source] for source in held_out)
    pooled.append((queries, report))
    print(f"{', '.join(held_out)}: {queries} questions; chosen {chosen} of "
          + ", ".join(f"{rate} {mean:+.4f}" for rate, mean in means.items()), flush=True)
    for metric in ("reciprocal_rank", "right_over_wrong"):
        before, after, found = report["before"][metric], report["after"][metric], gain(report, metric)
        print(f"  {metric}: {before['value']:.3f} -> {after['value']:.3f}, "
              f"gain {found['value']:+.4f} ({found['low']:+.4f} to {found['high']:+.4f})", flush=True)

total = sum(queries for queries, _ in pooled)
for metric in ("reciprocal_rank", "right_over_wrong"):
    shares = [(queries / total, report) for queries, report in pooled]
    before = sum(share * report["before"][metric]["value"] for share, report in shares)
    after = sum(share * report["after"][metric]["value"] for share, report in shares)
    variance = 0
    for share, report in shares:
        found = gain(report, metric)
        variance += (share * (found["high"] - found["low"]) / (2 * 1.96)) ** 2
    spread = 1.96 * math.sqrt(variance)
    print(f"all {total} questions, {metric}: {before:.3f} -> {after:.3f}, "
          f"gain {after - before:+.4f} ({after - before - spread:+.4f} to {after - before + spread:+.4f})")
