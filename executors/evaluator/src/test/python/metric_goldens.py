"""Writes metrics.tsv: values of real libraries for random rankings.

    pip install 'numpy<2' pytrec_eval-terrier==0.5.11 rich jina-hubble-sdk
    pip install --no-deps docarray==0.21.0 sentence-transformers==6.2.0
    python metric_goldens.py > ../resources/io/attune/evaluator/metrics/metrics.tsv

Columns: relevance by rank, number of relevant documents, k, metric, value, library. The function of
sentence-transformers is taken from its source file, so that torch need not be installed.
"""

import ast
import importlib.util
import random
import sys
import types

import numpy as np
import pytrec_eval
from docarray import Document, DocumentArray
from docarray.math.evaluation import dcg_at_k


def sentence_transformers_class():
    root = importlib.util.find_spec('sentence_transformers').submodule_search_locations[0]
    path = f'{root}/sentence_transformer/evaluation/information_retrieval.py'
    with open(path) as f:
        tree = ast.parse(f.read())
    found = next(n for n in tree.body if isinstance(n, ast.ClassDef))
    names = ('compute_metrics', 'compute_dcg_at_k')
    found.bases, found.decorator_list = [], []
    found.body = [n for n in found.body if isinstance(n, ast.FunctionDef) and n.name in names]
    module = types.ModuleType('information_retrieval')
    module.np = np
    exec(compile(ast.Module([ast.parse('from __future__ import annotations').body[0], found], []), path, 'exec'),
         module.__dict__)
    return module.__dict__[found.name]


SENTENCE_TRANSFORMERS = sentence_transformers_class()


def by_sentence_transformers(relevance, relevant, k):
    self = SENTENCE_TRANSFORMERS.__new__(SENTENCE_TRANSFORMERS)
    for name in ('accuracy_at_k', 'precision_recall_at_k', 'mrr_at_k', 'ndcg_at_k', 'map_at_k'):
        setattr(self, name, [k])
    self.queries_ids, self.queries = ['q'], ['q']
    self.relevant_docs = {'q': truth(relevance, relevant)}
    hits = [{'corpus_id': f'd{i}', 'score': -i} for i in range(len(relevance))]
    values = self.compute_metrics([hits])
    return {
        'hit': values['accuracy@k'][k],
        'precision': values['precision@k'][k],
        'recall': values['recall@k'][k],
        'reciprocal_rank': values['mrr@k'][k],
        'ndcg': values['ndcg@k'][k],
        'average_precision': values['map@k'][k],
    }


def by_trec(relevance, relevant, k):
    # padded to k: what was not retrieved counts as not relevant
    run = {f'd{i:05d}': float(-i) for i in range(min(k, len(relevance)))}
    run.update({f'p{i:05d}': float(-k - i) for i in range(k - len(run))})
    judged = {f'd{i:05d}': int(r) for i, r in enumerate(relevance)}
    judged.update({f'm{i}': 1 for i in range(relevant - sum(relevance))})
    evaluator = pytrec_eval.RelevanceEvaluator(
        {'q': judged}, {'Rprec', 'set_F', f'P.{k}', f'recall.{k}', f'ndcg_cut.{k}'})
    values = evaluator.evaluate({'q': run})['q']
    return {
        'r_precision': values['Rprec'],
        'f1': values['set_F'],
        'precision': values[f'P_{k}'],
        'recall': values[f'recall_{k}'],
        'ndcg': values[f'ndcg_cut_{k}'],
    }


def by_docarray(relevance, relevant, k):
    if not relevance:
        return {}
    names = ['precision_at_k', 'recall_at_k', 'f1_score_at_k', 'hit_at_k', 'average_precision',
             'reciprocal_rank', 'r_precision', 'dcg_at_k', 'ndcg_at_k']
    query = Document(id='q', matches=DocumentArray(Document(id=f'd{i}') for i in range(len(relevance))))
    ideal = Document(id='q', matches=DocumentArray(Document(id=i) for i in sorted(truth(relevance, relevant))))
    values = DocumentArray([query]).evaluate(
        metrics=names, ground_truth=DocumentArray([ideal]), k=k)
    return {f'docarray_{name}': values[name] for name in names}


def truth(relevance, relevant):
    ids = {f'd{i}' for i, r in enumerate(relevance) if r}
    return ids | {f'm{i}' for i in range(relevant - len(ids))}


def main():
    random.seed(7)
    cases = [([], 3), ([0], 1), ([1], 1), ([1], 40), ([0] * 20, 2), ([1] * 20, 20), ([0] * 19 + [1], 1)]
    for _ in range(30):
        length, share = random.randint(1, 30), random.choice([0.05, 0.3, 0.8])
        relevance = [int(random.random() < share) for _ in range(length)]
        cases.append((relevance, max(1, sum(relevance) + random.choice([0, 0, 1, 5, 30]))))
    for relevance, relevant in cases:
        for k in (1, 5, 20):
            rows = {}
            for library, compute in (('trec_eval', by_trec),
                                     ('sentence-transformers', by_sentence_transformers),
                                     ('docarray', by_docarray)):
                for metric, value in compute(relevance, relevant, k).items():
                    if metric in rows:
                        assert abs(rows[metric][0] - value) < 1e-9, (relevance, relevant, k, metric)
                    rows[metric] = (float(value), library)
            rows['dcg'] = (float(dcg_at_k(relevance, method=1, k=k)), 'docarray, method 1')
            for metric, (value, library) in rows.items():
                text = ''.join(map(str, relevance)) or '-'
                sys.stdout.write(f'{text}\t{relevant}\t{k}\t{metric}\t{value!r}\t{library}\n')


if __name__ == '__main__':
    main()
