package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.hub.Hub;
import dev.lorikeet.transformer.hub.HubName;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.ModelName;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lorikeet pull}. */
@Command(name = "pull", description = {
    "Fetches a model of a hub, Hugging Face's or one that speaks as it does, into the "
            + "cache that Python's huggingface_hub and transformers use, too.",
    "", "Only what is needed comes: configuration, tokenizer, weights in safetensors or one GGUF file. What was "
            + "interrupted goes on. The variables are those of huggingface_hub: HF_ENDPOINT, HF_TOKEN, HF_HOME, "
            + "HF_HUB_CACHE, HF_HUB_OFFLINE."},
        footer = {
            "  lorikeet pull Qwen/Qwen3-0.6B", "  lorikeet pull FacebookAI/roberta-base --revision main",
            "  lorikeet pull ggml-org/models:tinyllamas/stories260K.gguf"})
final class PullCommand implements Runnable {
    private final Terminal terminal;

    @Parameters(paramLabel = "ORG/NAME[@REVISION][:FILE.gguf]", description = "The model; a FILE of it where it has "
            + "several GGUF files.")
    private String model = "";

    @Option(names = "--revision", paramLabel = "REVISION",
            description = "A branch, a tag, or the whole hash of a commit, "
                    + "which stays what it is (default: main).")
    @Nullable
    private String revision;

    @Mixin
    private HubOption option = new HubOption();

    @Mixin
    private CommonOptions common = new CommonOptions();

    PullCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        HubName name = name();
        Hub hub = option.hub();
        Path place = HubOption.pull(hub, name, terminal);
        terminal.field("Model", name.toString());
        terminal.field("Files", place.toString());
        // A directory here, or a built-in model, of the same name goes first.
        String say = ModelName.ofHub(name.toString()).isPresent() ? name.toString() : place.toString();
        boolean adapter = Files.exists(place.resolve("adapter_config.json"));
        terminal.line();
        terminal.line("Next");
        if (adapter) {
            terminal.command("inspect", place.toString());
            terminal.command("predict", "--adapter", place.toString(), "a text of your own");
        } else {
            terminal.command("inspect", say);
            terminal.command("finetune", "--train", "train.tsv", "--test", "test.tsv", "--model", say);
        }
    }

    private HubName name() {
        HubName name = HubName.of(model).orElseThrow(() -> new InputException("pull: \"" + model
                + "\" is no model of a hub, ORG/NAME[@REVISION][:FILE.gguf] is expected, as Qwen/Qwen3-0.6B"));
        if (revision == null) {
            return name;
        }
        if (!name.revision().equals(HubName.MAIN)) {
            throw new InputException("--revision: " + model + " says one itself");
        }
        String whole = name.repository() + "@" + revision + (name.file() == null ? "" : ":" + name.file());
        return HubName.of(whole).orElseThrow(() -> new InputException("--revision: \"" + revision
                + "\" is no branch, tag or commit"));
    }
}
