#!/usr/bin/env python3
"""The recipe of `./lorikeet finetune` in PyTorch, transformers and PEFT, to be run beside it.

rsLoRA of rank 8 with alpha 16 on every linear layer of a BERT encoder, the mean of the last hidden state over the real
tokens, a linear head, AdamW with a linear schedule and warm-up. Batches are padded to their longest text and grouped by
length, which is to PyTorch's advantage: less padding.

    pip install torch transformers peft
    python bench/pytorch_supersense.py --model DIR --train train.tsv --test test.tsv

DIR is a Hugging Face directory: `./lorikeet doctor` shows the cache with those that Lorikeet has unpacked. The TSV
files have a header with the columns `text` and `label`.
"""
import argparse
import csv
import math
import random
import resource
import time

import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModel, AutoTokenizer, get_linear_schedule_with_warmup


class Classifier(nn.Module):
    """The encoder's last hidden state, its mean over the real tokens, a linear head."""

    def __init__(self, encoder, classes):
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(encoder.config.hidden_size, classes)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return self.head((hidden * mask).sum(1) / mask.sum(1))


def read(path, text_column, label_column):
    """The texts and labels of a TSV file, in which quotes are letters like any other."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row[text_column] for row in rows], [row[label_column] for row in rows]


def encode(tokenizer, texts, limit):
    return tokenizer(texts, truncation=True, max_length=limit)["input_ids"]


def grouped(ids, size, generator):
    """Batches of texts of like length: shuffled, sorted within fifty batches, the batches shuffled again."""
    order = list(range(len(ids)))
    generator.shuffle(order)
    span = 50 * size
    batches = []
    for start in range(0, len(order), span):
        part = sorted(order[start:start + span], key=lambda i: len(ids[i]), reverse=True)
        batches += [part[b:b + size] for b in range(0, len(part), size)]
    generator.shuffle(batches)
    return batches


def padded(ids, which, padding):
    longest = max(len(ids[i]) for i in which)
    tokens = torch.full((len(which), longest), padding)
    mask = torch.zeros((len(which), longest), dtype=torch.long)
    for row, i in enumerate(which):
        tokens[row, :len(ids[i])] = torch.tensor(ids[i])
        mask[row, :len(ids[i])] = 1
    return tokens, mask


@torch.inference_mode()
def accuracy(model, ids, labels, size, padding):
    model.eval()
    right = 0
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    for start in range(0, len(order), size):
        which = order[start:start + size]
        answers = model(*padded(ids, which, padding)).argmax(-1)
        right += (answers == torch.tensor([labels[i] for i in which])).sum().item()
    model.train()
    return right / len(ids)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", required=True, metavar="DIR", help="a Hugging Face directory")
    parser.add_argument("--train", required=True, metavar="FILE", help="TSV")
    parser.add_argument("--test", required=True, metavar="FILE", help="TSV")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label-column", default="label")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    generator = random.Random(options.seed)

    tokenizer = AutoTokenizer.from_pretrained(options.model)
    texts, names = read(options.train, options.text_column, options.label_column)
    test_texts, test_names = read(options.test, options.text_column, options.label_column)
    classes = {name: i for i, name in enumerate(sorted({*names, *test_names}))}
    labels, test_labels = [classes[name] for name in names], [classes[name] for name in test_names]
    base = AutoModel.from_pretrained(options.model, dtype=torch.float32, add_pooling_layer=False,
                                     hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    ids = encode(tokenizer, texts, base.config.max_position_embeddings)
    test_ids = encode(tokenizer, test_texts, base.config.max_position_embeddings)
    lora = LoraConfig(r=8, lora_alpha=16, use_rslora=True, target_modules="all-linear")
    model = Classifier(get_peft_model(base, lora), len(classes))
    adapter = [p for p in model.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW([{"params": adapter, "lr": 1e-3}, {"params": model.head.parameters(), "lr": 3e-3}],
                                  weight_decay=0.01)
    steps = options.epochs * math.ceil(len(ids) / options.batch_size)
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"PyTorch {torch.__version__}, {options.threads} threads, {len(ids)} texts, {len(classes)} classes, "
          f"{trained:,} trained parameters", flush=True)

    seconds, tokens = 0.0, 0
    model.train()
    for epoch in range(1, options.epochs + 1):
        start = time.perf_counter()
        for which in grouped(ids, options.batch_size, generator):
            logits = model(*padded(ids, which, tokenizer.pad_token_id))
            loss = nn.functional.cross_entropy(logits, torch.tensor([labels[i] for i in which]))
            loss.backward()
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            tokens += sum(len(ids[i]) for i in which)
        seconds += time.perf_counter() - start
        share = accuracy(model, test_ids, test_labels, options.batch_size, tokenizer.pad_token_id)
        print(f"epoch {epoch}: accuracy {100 * share:.1f} %", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux
    print(f"training {seconds:.1f} s, {tokens / seconds:,.0f} tokens/s (real ones), peak memory {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
