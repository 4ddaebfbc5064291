"""Records what Python's re makes of random regular expressions on paths: python python_regexes.py > python_regexes.tsv

First line: the paths. Then a line for each expression: itself, and for each of the three ways in which PEFT 0.21.2 puts
it to use (whole paths; rank_pattern and alpha_pattern; layers_pattern) "-" where Python refuses it, else an answer for
each path with a space between: 1 or 0, or the number of the block. Made by CPython 3.11.
"""
import random
import re
import signal
import sys
import warnings

PATHS = ["layer.0.q", "layer.1.self.query", "h.1.mlp.c_fc", "model.layers.0.self_attn.q_proj", "a", "b", "ab", "aab.b",
         "abab", "a.0.b", "x-y.1.a", "A.Q", "aaab", "ba.ab", "a]b", "a[b", "a{2}b", "aa&b", "a-b.2.c"]
LETTERS = [*"aaabbbqQ._-]}{&01 /#~", "\\.", "\\-", "\\[", "\\]", "\\{", "\\\\"]
MEMBERS = ["a", "b", "q", "a-z", "A-Z", "0-9", "\\d", "\\w", "\\W", "\\s", "\\S", "\\D", "_", "-", "]", "^", ".", "\\]",
           "\\-", "&", "[", "&&", "--", "~~", "|", "+-z", "z-a", "\\b", "a-\\d"]
SETS = ["\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "."]
PLACES = ["^", "$", "\\b", "\\B", "\\A", "\\Z"]
OTHERS = ["\\1", "\\z", "\\G", "\\Q", "\\E", "\\p{L}", "\\h", "\\R", "\\x41", "\\n", "\\0", "\\e", "(?i)", "(?x)",
          "(?-i:a)", "(?#c)", "(?>a)", "a*+", "a++", "(?<n>a)", "(?P=n)", "(?<=a)", "(?<!a)", "\\N", "\\u0041"]
REPEATS = ["", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}", "{2,}", "{0}", "{0,1}?", "{,}",
           "{2,1}", "{}", "{a}", "{1", "{3}"]
OPENINGS = ["(", "(", "(", "(?:", "(?P<n1>", "(?P<n2>", "(?P<idx>", "(?=", "(?!"]

random.seed(7)
warnings.simplefilter("ignore")


def members():
    return "[" + random.choice(["", "", "^"]) + "".join(random.choices(MEMBERS, k=random.randint(1, 4))) + "]"


def atom(depth):
    kind = random.random()
    if kind < 0.75 or depth > 3:
        return members() if kind < 0.1 else random.choice(
            LETTERS if kind < 0.6 else SETS if kind < 0.66 else PLACES if kind < 0.73 else OTHERS)
    return random.choice(OPENINGS) + branches(depth + 1) + ")"


def branches(depth):
    return "|".join("".join(atom(depth) + random.choice(REPEATS) for _ in range(random.randint(1, 3)))
                    for _ in range(random.choice([1, 1, 1, 2, 3])))


def answers(regex, answer):
    try:
        compiled = re.compile(regex)
    except re.error:
        return "-"
    return " ".join(str(answer(compiled, path)) for path in PATHS)


def block(compiled, path):
    match = compiled.match(path)
    return -1 if match is None or match["idx"] is None else int(match["idx"])


def timeout(*_):
    raise TimeoutError


signal.signal(signal.SIGALRM, timeout)
print("\t".join(PATHS))
seen = set()
while len(seen) < 500:
    regex = random.choice([""] * 9 + ["(?i)", "(?m)", "(?si)"]) + branches(0)
    if regex in seen:
        continue
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        line = [regex, answers(regex, lambda r, path: int(r.fullmatch(path) is not None)),
                answers(rf"(.*\.)?({regex})$", lambda r, path: int(r.match(path) is not None)),
                answers(rf"(?:^|.*?\.){regex}\.(?P<idx>\d+)\.", block)]
    except TimeoutError:
        continue
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    seen.add(regex)
    sys.stdout.write("\t".join(line) + "\n")
