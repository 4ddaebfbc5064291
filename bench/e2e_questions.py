#!/usr/bin/env python3
"""Questions with answers in their texts, of the E2E set: python bench/e2e_questions.py valid.txt

The set has sentences about places, each with the attributes that it tells (`name : Alimentum | area : city centre||There
is a place in the city centre …`). Of each sentence one attribute is asked after, in turns; the answer is where its value
stands, and there is none where the sentence does not tell it. A value that stands there in other words is left out. The
first 4,000 sentences go to train.jsonl, the rest to test.jsonl, in SQuAD's columns.
"""
import json
import sys
from pathlib import Path

QUESTIONS = {
    "name": "What is the place called?", "food": "What food is served there?", "area": "In which part of the city is it?",
    "near": "What is it near?", "price range": "How expensive is it?", "eat type": "What kind of place is it?",
}
TRAIN = 4000


def examples(lines):
    for number, line in enumerate(lines):
        told, text = (part.strip() for part in line.split("||"))
        attributes = dict(each.strip().split(" : ") for each in told.split(" | "))
        asked = list(QUESTIONS)[number % len(QUESTIONS)]
        value = attributes.get(asked)
        if value is None or value in text:
            answers = {"text": [], "answer_start": []} if value is None else {"text": [value], "answer_start": [text.index(value)]}
            yield {"question": QUESTIONS[asked], "context": text, "answers": answers}


def main():
    lines = [line for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines() if line.split("||")[-1].strip()]
    for name, part in (("train", lines[:TRAIN]), ("test", lines[TRAIN:])):
        Path(f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in examples(part)))


if __name__ == "__main__":
    main()
