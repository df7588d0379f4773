"""The word tokeniser as Hugging Face's `tokenizers` makes it, and what it makes of texts.

Writes word_tokenizer.json, which WordVocabulary.toTokenizerJson must give for the same texts (see
WordVocabularyTest), and the ids of texts with punctuation, tabs, cases, and more than 12 words.
pip install tokenizers==0.22.2; python word_tokenizer.py
"""

import json
import pathlib

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

FOLDER = pathlib.Path(__file__).parent / "../resources/io/attune/trainer/data/vocabulary"
FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'  # Keras' default
LENGTH = 12
TRAIN = [
    "What's new? What is it?",
    'it\'s new - is it: what\'s THE price (the "price")?',
    "café CAFÉ naïve naïve e-mail e-mail a\tb a\nb",
]
TEXTS = [
    "What's new?",
    "IS it\tthe price?",
    "a\nb",
    "e-mail: CAFÉ, naïve!",
    "unknown words only here",
    'the "price" (is) [it] {what\'s} <new> a|b~b`a^a_b\\a/b',
    "a b a b a b a b a b a b a b the price",
    "a\u00a0b a",
    "!@#$%&*+,-./:;=?",
]

counts = {}
for text in TRAIN:
    for word in text.lower().translate({ord(c): " " for c in FILTERS}).split(" "):
        if word:
            counts[word] = counts.get(word, 0) + 1
vocabulary = {"[PAD]": 0, "[UNK]": 1}
for word, count in counts.items():
    if count >= 2:
        vocabulary[word] = len(vocabulary)

tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.Sequence(
    [
        normalizers.Replace(Regex(r"[!-&(-/:-@\[-`{-~\t\n]"), " "),
        normalizers.Lowercase(),
    ]
)
tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "removed")
tokenizer.enable_truncation(LENGTH, direction="left")
tokenizer.enable_padding(direction="left", pad_id=0, pad_token="[PAD]")
(FOLDER / "word_tokenizer.json").write_text(tokenizer.to_str() + "\n")
cases = [{"text": text, "ids": tokenizer.encode(text).ids} for text in TEXTS]
(FOLDER / "word_tokenizer_ids.json").write_text(json.dumps(cases, indent=1) + "\n")
