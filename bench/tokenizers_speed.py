"""How fast Hugging Face's tokenizers read texts line by line, by their Python binding, which makes no objects of tokens.

    pip install tokenizers==0.23.3
    python tokenizers_speed.py TOKENIZER.JSON,... TEXT,...      # MB/s, the best of five, on one thread
"""

import os
import pathlib
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Tokenizer  # noqa: E402, reads the variable

for path in map(pathlib.Path, sys.argv[1].split(",")):
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for text in map(pathlib.Path, sys.argv[2].split(",")):
        lines = text.read_text(encoding="utf-8").split("\n")
        best = float("inf")
        for _ in range(5):
            begin = time.perf_counter()
            tokens = sum(len(tokenizer.encode(line)) for line in lines)
            best = min(best, time.perf_counter() - begin)
        print(f"{path.parent.name} {text.name}: {tokens} tokens, {text.stat().st_size / best / 1e6:.2f} MB/s")
