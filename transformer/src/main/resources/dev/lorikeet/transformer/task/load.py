"""Opens this run in Python. Needs: pip install torch transformers peft

python load.py TEXT [TEXT] [--base DIR_OR_ID]   prints what the model says of TEXT, or of a pair of texts
--base: where the base model is, if not at its id
"""
import argparse, json, pathlib, torch
from safetensors import safe_open
from transformers import AutoModel, AutoTokenizer

run = pathlib.Path(__file__).resolve().parent
task = json.loads((run / "task.json").read_text()) if (run / "task.json").is_file() else {}


def load(base=None):
    """The tuned encoder with its tokenizer, the head (weight, bias), and the names of its outputs."""
    if (run / "adapter").is_dir():
        from peft import PeftModel
        named = json.loads((run / "adapter/adapter_config.json").read_text())["base_model_name_or_path"]
        base = base or named
        encoder = PeftModel.from_pretrained(AutoModel.from_pretrained(base), run / "adapter").eval()
    else:  # trained whole, without an adapter, or merged
        base = run if (run / "config.json").is_file() else run / "model"
        encoder = AutoModel.from_pretrained(base).eval()
    with safe_open(run / "head.safetensors", "pt") as head:
        labels = json.loads(head.metadata()["id2label"])
        return encoder, AutoTokenizer.from_pretrained(base), head.get_tensor("weight"), head.get_tensor("bias"), labels


@torch.no_grad()
def logits(texts, encoder, tokenizer, weight, bias, partners=None):
    """texts: a list; partners: a list of the second texts where the model reads pairs."""
    batch = tokenizer(texts, partners, padding=True, truncation=True,
                      max_length=encoder.config.max_position_embeddings, return_tensors="pt")
    mask = batch["attention_mask"].unsqueeze(-1)
    mean = (encoder(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
    return mean @ weight.T + bias


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("text", nargs="+")
    parser.add_argument("--base")
    arguments = parser.parse_args()
    *model, labels = load(arguments.base)
    row = logits(arguments.text[:1], *model, partners=arguments.text[1:2] or None)[0]
    if task.get("task") == "sequence-regression":
        for i, (mean, deviation) in enumerate(zip(task["means"], task["deviations"])):
            print(f"{mean + deviation * row[i]:12.6g}  {labels[str(i)]}")
    else:
        several = task.get("task") == "multi-label-classification"
        probabilities = row.sigmoid() if several else row.softmax(0)
        for i in probabilities.argsort(descending=True)[:5].tolist():
            said = "  said" if several and probabilities[i] >= task["threshold"] else ""
            print(f"{probabilities[i]:7.2%}  {labels[str(i)]}{said}")
