#!/usr/bin/env python3
"""The recipes of bench/tasks in PyTorch, transformers and PEFT (embeddings: sentence-transformers), to be run beside
`./lorikeet bench experiment tasks`.

The same of everything: adapters of rank 8 with alpha 16 on every linear layer, or all weights; the mean of the last
hidden state and a linear head (tokens: a linear head on each first token of a word); AdamW, rates of 1e-3 (all weights:
1e-4) and 3e-3 for the head, linear with a tenth of warm-up, gradients clipped to 1, batches of 32, 3 epochs, the model
after the last of them, on the test examples.

    pip install torch transformers peft pyyaml scikit-learn scipy seqeval sentence-transformers
    python bench/pytorch_tasks.py --model DIR --data $DATA --recipe bench/tasks/cola.yaml --method rslora --seeds 1,2,3

Prints a line of JSON for each seed.
"""
import argparse
import csv
import json
import math
import random
import time
from pathlib import Path

import torch
import yaml
from peft import LoraConfig, get_peft_model
from scipy import stats
from sklearn import metrics
from torch import nn
from transformers import AutoModel, AutoTokenizer, get_linear_schedule_with_warmup

RATES = {"lora": 1e-3, "rslora": 1e-3, "full": 1e-4}


class Model(nn.Module):
    """The encoder's last hidden state, its mean over the real tokens unless each token is answered, a linear head."""

    def __init__(self, encoder, outputs, each):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, outputs)
        self.each = each

    def forward(self, batch):
        hidden = self.encoder(**batch).last_hidden_state
        if self.each:
            return self.head(hidden)
        mask = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        return self.head((hidden * mask).sum(1) / mask.sum(1))


def table(path, data):
    """Rows of (text, partner or None, label); in TSV, quotes are letters like any other."""
    csv_file = path.suffix == ".csv"
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file) if csv_file else csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    names = rows.pop(0) if data.get("header", True) else [str(i + 1) for i in range(len(rows[0]))]
    known = {"text-column": "sentence1", "pair-column": "sentence2" if "sentence2" in names else None,
             "label-column": "label"}
    at = {key: names.index(str(name)) for key, default in known.items()
          if (name := data.get(key, default if default in names else None)) is not None}
    pair = at.get("pair-column")
    return [(row[at["text-column"]], None if pair is None else row[pair], row[at["label-column"]]) for row in rows]


def sentences(path):
    """Pairs of (words, tags) of a CoNLL file."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = [line.split("\t") for line in block.split("\n") if line.strip()]
        yield [line[0] for line in lines], [line[-1] for line in lines]


def load(path, data, task):
    if task == "tokens":
        return [(words, None, tags) for words, tags in sentences(path)]
    return table(path, data)


class Task:
    """What differs between classes, numbers and tags."""

    def __init__(self, kind, train, test, tokenizer, limit):
        self.kind, self.tokenizer = kind, tokenizer
        labels = [label for _, _, label in train]
        if kind == "regression":
            numbers = torch.tensor([float(label) for label in labels], dtype=torch.float64)
            self.mean, self.deviation = numbers.mean().item(), numbers.std(correction=0).item()
            self.outputs = 1
        else:
            flat = [tag for tags in labels for tag in tags] if kind == "tokens" else labels
            self.names = sorted(set(flat))
            self.outputs = len(self.names)
        self.train, self.test = ([self.encode(*row, limit) for row in rows] for rows in (train, test))

    def encode(self, text, pair, label, limit):
        ids = self.tokenizer(text, pair, truncation=True, max_length=limit,
                             is_split_into_words=self.kind == "tokens")
        if self.kind == "regression":
            return ids, (float(label) - self.mean) / self.deviation
        if self.kind == "classification":
            return ids, self.names.index(label)
        words, targets = ids.word_ids(), []
        for i, word in enumerate(words):
            first = word is not None and (i == 0 or words[i - 1] != word)
            targets.append(self.names.index(label[word]) if first and label[word] in self.names else -100)
        return ids, targets

    def batch(self, rows):
        batch = self.tokenizer.pad([dict(ids) for ids, _ in rows], return_tensors="pt")
        if self.kind != "tokens":
            return batch, torch.tensor([target for _, target in rows])
        width = batch["input_ids"].shape[1]
        return batch, torch.tensor([target + [-100] * (width - len(target)) for _, target in rows])

    def loss(self, logits, targets):
        if self.kind == "regression":
            return nn.functional.mse_loss(logits.squeeze(-1), targets.to(logits.dtype))
        return nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())

    @torch.inference_mode()
    def scores(self, model):
        model.eval()
        answers, truths = [], []
        for start in range(0, len(self.test), 32):
            batch, targets = self.batch(self.test[start:start + 32])
            logits = model(batch)
            if self.kind == "regression":
                answers += logits.squeeze(-1).tolist()
                truths += targets.tolist()
            elif self.kind == "classification":
                answers += logits.argmax(-1).tolist()
                truths += targets.tolist()
            else:
                for row, wanted in zip(logits.argmax(-1).tolist(), targets.tolist()):
                    answers.append([self.names[a] for a, t in zip(row, wanted) if t >= 0])
                    truths.append([self.names[t] for t in wanted if t >= 0])
        model.train()
        if self.kind == "regression":
            return {"r2": metrics.r2_score(truths, answers), "pearson": stats.pearsonr(truths, answers)[0],
                    "spearman": stats.spearmanr(truths, answers)[0]}
        if self.kind == "classification":
            return {"accuracy": metrics.accuracy_score(truths, answers),
                    "f1_macro": metrics.f1_score(truths, answers, average="macro"),
                    "matthews": metrics.matthews_corrcoef(truths, answers)}
        from seqeval.metrics import f1_score
        return {"f1": f1_score(truths, answers)}


def adapted(base, method):
    if method == "full":
        return base
    return get_peft_model(base, LoraConfig(r=8, lora_alpha=16, use_rslora=method == "rslora",
                                           target_modules="all-linear"))


def train(task, options, seed):
    torch.manual_seed(seed)
    base = AutoModel.from_pretrained(options.model, dtype=torch.float32, add_pooling_layer=False,
                                     hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = Model(adapted(base, options.method), task.outputs, task.kind == "tokens")
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW([{"params": encoder, "lr": RATES[options.method]},
                                   {"params": model.head.parameters(), "lr": 3e-3}], weight_decay=0.01)
    steps = options.epochs * math.ceil(len(task.train) / 32)
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    generator, start = random.Random(seed), time.perf_counter()
    for _ in range(options.epochs):
        order = generator.sample(range(len(task.train)), len(task.train))
        for at in range(0, len(order), 32):
            batch, targets = task.batch([task.train[i] for i in order[at:at + 32]])
            task.loss(model(batch), targets).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return model, time.perf_counter() - start


def embeddings(rows, test, options, seed):
    """By sentence-transformers, with its own trainer."""
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, models
    from sentence_transformers import SentenceTransformerTrainingArguments as Arguments
    from sentence_transformers.losses import CosineSimilarityLoss

    words = models.Transformer(options.model)
    words.auto_model.config.hidden_dropout_prob = words.auto_model.config.attention_probs_dropout_prob = 0.0
    for module in words.auto_model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    words.auto_model = adapted(words.auto_model, options.method)
    model = SentenceTransformer(modules=[words, models.Pooling(words.get_word_embedding_dimension())], device="cpu")
    largest = max(float(label) for _, _, label in rows)
    data = Dataset.from_dict({"sentence1": [row[0] for row in rows], "sentence2": [row[1] for row in rows],
                              "score": [float(row[2]) / largest for row in rows]})
    arguments = Arguments(output_dir="out/unused", num_train_epochs=options.epochs, per_device_train_batch_size=32,
                          learning_rate=RATES[options.method], warmup_ratio=0.1, weight_decay=0.01, max_grad_norm=1.0,
                          seed=seed, save_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True)
    trainer = SentenceTransformerTrainer(model=model, args=arguments, train_dataset=data,
                                         loss=CosineSimilarityLoss(model))
    start = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - start
    one, other = (model.encode([row[i] for row in test], normalize_embeddings=True) for i in (0, 1))
    cosine, truths = (one * other).sum(1), [float(row[2]) for row in test]
    return {"spearman": stats.spearmanr(truths, cosine)[0], "pearson": stats.pearsonr(truths, cosine)[0]}, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--model", required=True, metavar="DIR", help="a Hugging Face directory")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="what the recipe's paths start from")
    parser.add_argument("--recipe", required=True, type=Path, metavar="FILE", help="of bench/tasks")
    parser.add_argument("--method", default="rslora", choices=RATES)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = yaml.safe_load(options.recipe.read_text())
    data = recipe["data"]
    kind = recipe.get("task")
    rows, test = (load(options.data / data[part], data, kind) for part in ("train", "test"))
    if kind is None:
        kind = "regression" if any("." in label for _, _, label in rows) else "classification"
    task = None
    if kind != "embeddings":
        tokenizer = AutoTokenizer.from_pretrained(options.model)
        task = Task(kind, rows, test, tokenizer, 512)
    for seed in map(int, options.seeds.split(",")):
        if kind == "embeddings":
            scores, seconds = embeddings(rows, test, options, seed)
        else:
            model, seconds = train(task, options, seed)
            scores = task.scores(model)
        print(json.dumps({"recipe": options.recipe.stem, "method": options.method, "seed": seed, **scores,
                          "seconds": round(seconds, 1), "torch": torch.__version__}), flush=True)


if __name__ == "__main__":
    main()
