package dev.lorikeet.bench.kills;

import java.util.ArrayList;
import java.util.List;

/**
 * A run that is killed.
 *
 * @param task of {@link SmallTasks}
 * @param ending of its files
 * @param flags of {@code finetune}
 */
record Variant(String task, String ending, String flags) {
    /** Every method, and every task but language models; validations, accumulation, other states than AdamW's. */
    static final List<Variant> ALL = List.of(new Variant("classes", ".tsv", "--method lora --dropout 0.2"),
            new Variant("classes", ".tsv", "--method rslora --accumulation 2 --clip-norm 1"),
            new Variant("classes", ".tsv", "--method adalora --rank 6 --target-rank 3"),
            new Variant("classes", ".tsv", "--method autolora"),
            new Variant("classes", ".tsv", "--method full"),
            new Variant("classes", ".tsv", "--method lora --lora-fa"),
            new Variant("classes", ".tsv", "--method lora --lora-plus-ratio 4"),
            new Variant("classes", ".tsv", "--method lora --optimizer lion"),
            new Variant("classes", ".tsv", "--method full --optimizer adafactor --adapter-rate 0.001"),
            new Variant("pairs", ".tsv", "--method rslora --validation 0.3 --evaluation-steps 3 --patience 40"),
            new Variant("labels", ".jsonl", "--method lora"), new Variant("numbers", ".tsv", "--method rslora"),
            new Variant("words", ".conll", "--task tokens --method adalora --rank 4 --target-rank 2"),
            new Variant("answers", ".tsv", "--method lora"),
            new Variant("embeddings", ".tsv", "--task embeddings --method lora --loss multiple-negatives-ranking"));

    /** What the table and {@code --only} call it. */
    String name() {
        return task + " " + flags;
    }

    /** The command's arguments, in the folder of the tasks. */
    List<String> finetune(String out, int epochs, int checkpointSteps) {
        List<String> all = new ArrayList<>(List.of("finetune", "--model", "model", "--train", task + "-train" + ending,
                "--test", task + "-test" + ending, "--out", out, "--epochs", Integer.toString(epochs), "--batch-size",
                "4", "--threads", "1", "--no-probe"));
        if (checkpointSteps > 0) {
            all.addAll(List.of("--checkpoint-steps", Integer.toString(checkpointSteps)));
        }
        all.addAll(List.of(flags.split(" ")));
        return all;
    }
}
