"""What tuning on Covid QA reaches on sources that nobody chose settings by: a nested cross-validation.

    python3 covid_sources.py ./attune .../data/covid-qa/news.csv FOLDER

The sources are put in five parts of about the same number of questions. Each part is held out once. The setting is
chosen without it: the other sources are halved, each half is held out once, and the setting with the greatest mean
gain of the reciprocal rank over both halves is taken. With it the model is tuned on all other sources, and measured
once on the part held out. A question asked by two sources stays out of training where one of them is held out.

The questions of the part held out search twice: the answers and wrong answers of that part, and every answer of the
corpus (`all_answers`), other sources' among them, which is the harder job and the one of a desk that answers from all it
has.

Needs Python's own library alone. Each run of `attune fit` keeps its JSON in FOLDER, and is not repeated where it is
there; a whole experiment is 65 runs, two at a time, of one thread each. The pooled interval adds up the variances that
the parts' paired bootstrap intervals stand for, as if each were normal.
"""

import concurrent.futures
import csv
import json
import math
import pathlib
import shutil
import subprocess
import sys

PARTS = 5
# learning rate, and the share of the tuned weights in what is published (WiSEFTCallback; none: all)
SETTINGS = {
    "2e-5": ("2e-5", None),
    "5e-5": ("5e-5", None),
    "1e-4": ("1e-4", None),
    "5e-5-merged": ("5e-5", 0.5),
    "1e-4-merged": ("1e-4", 0.5),
    "2e-4-merged": ("2e-4", 0.5),
}

METRICS = ["reciprocal_rank", "right_over_wrong", "all_answers_reciprocal_rank"]

ATTUNE, CORPUS, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
ANSWERS = FOLDER / "answers.jsonl"


def rows():
    with open(CORPUS, encoding="utf-8", newline="") as file:
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


def fit(name, training, held_out, setting, among_all=False):
    """What attune fit reports of the sources held out; rows without a wrong answer take no part."""
    report = FOLDER / f"{name}.json"
    if not report.exists():
        test = [row for row in ROWS if row["source"] in held_out]
        asked = {plain(row) for row in test}
        train = [row for row in ROWS if row["source"] in training and plain(row) not in asked]
        files = FOLDER / name
        files.mkdir(exist_ok=True)
        write(files / "train.csv", train)
        write(files / "test.csv", test)
        evaluations = [{"query_data": str(files / "test.csv")}]
        if among_all:
            index = {"index_data": str(ANSWERS), "caption": "all_answers"}
            evaluations.append(evaluations[0] | index)
        rate, share = SETTINGS[setting]
        callbacks = [{"EvaluationCallback": each} for each in evaluations]
        if share is not None:
            callbacks.append({"WiSEFTCallback": {"alpha": share}})
        config = files / "run.yml"  # YAML contains JSON
        config.write_text(json.dumps({"callbacks": callbacks}))
        command = [ATTUNE, "fit", "--config", config, "--model", "all-MiniLM-L6-v2", "--train", files / "train.csv"]
        command += ["--loss", "MultipleNegativesRankingLoss"]
        command += ["--learning-rate", rate, "--epochs", "1", "--scheduler", "linear", "--batch-size", "96"]
        command += ["--set", "max_length=128", "--set", "threads=1", "--seed", "1"]
        # an empty store for each: without a version, the newest is tuned on
        command += ["--store", files / "store", "--runs", files / "runs", "--json", files / "report.json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (files / "report.json").rename(report)
        shutil.rmtree(files)
    return json.loads(report.read_text())


def measured(number, held_out):
    """The setting that two halves of the other sources choose, and what it does for the sources held out."""
    others = {source: count for source, count in COUNTS.items() if source not in held_out}
    halves = balanced(others, 2)
    means = {}
    for setting in SETTINGS:
        total = 0
        for half, inner_out in enumerate(halves):
            report = fit(f"{number}-{half}-{setting}", halves[1 - half], inner_out, setting)
            total += sum(others[source] for source in inner_out) * report["gain"]["reciprocal_rank"]["value"]
        means[setting] = total / sum(others.values())
    chosen = max(means, key=means.get)
    return chosen, means, fit(f"{number}-outer-{chosen}", set(others), held_out, chosen, among_all=True)


def line(value, low, high):
    return f"gain {value:+.4f} ({low:+.4f} to {high:+.4f})"


def pooled(parts, metric):
    """The mean over all questions, before and after, and the interval of its gain."""
    total = sum(questions for questions, _ in parts)
    shares = [(questions / total, report) for questions, report in parts]
    before = sum(share * report["before"][metric]["value"] for share, report in shares)
    after = sum(share * report["after"][metric]["value"] for share, report in shares)
    gains = [(share, report["gain"][metric]) for share, report in shares]
    variance = sum((share * (gain["high"] - gain["low"]) / (2 * 1.96)) ** 2 for share, gain in gains)
    spread = 1.96 * math.sqrt(variance)
    return before, after, line(after - before, after - before - spread, after - before + spread)


ROWS = list(rows())
FOLDER.mkdir(parents=True, exist_ok=True)
with open(ANSWERS, "w", encoding="utf-8") as answers:
    for number, text in enumerate(dict.fromkeys(row["answer"] for row in ROWS)):
        answers.write(json.dumps({"text": text, "label": str(number)}) + "\n")
COUNTS = counted({row["source"] for row in ROWS})
PARTED = balanced(COUNTS, PARTS)
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    FOUND = list(pool.map(measured, range(PARTS), PARTED))

SIZES = [sum(COUNTS[source] for source in held_out) for held_out in PARTED]
for held_out, questions, (chosen, means, report) in zip(PARTED, SIZES, FOUND):
    print(f"{', '.join(held_out)}: {questions} questions; chosen {chosen} of "
          + ", ".join(f"{setting} {mean:+.4f}" for setting, mean in means.items()))
    for metric in METRICS:
        gain = report["gain"][metric]
        print(f"  {metric}: {report['before'][metric]['value']:.3f} -> {report['after'][metric]['value']:.3f}, "
              + line(gain["value"], gain["low"], gain["high"]))
for metric in METRICS:
    before, after, gain = pooled([(questions, found[2]) for questions, found in zip(SIZES, FOUND)], metric)
    print(f"all {sum(SIZES)} questions, {metric}: {before:.3f} -> {after:.3f}, {gain}")
