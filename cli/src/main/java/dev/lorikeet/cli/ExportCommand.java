package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.peft.GgufAdapter;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.ModelName;
import dev.lorikeet.transformer.weights.DType;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet export}. */
@Command(name = "export", description = {
    "Writes an adapter as a GGUF file, which llama.cpp takes beside its base model: llama-cli --lora FILE.",
    "", "A factor that is not alpha/r goes into B: that of rsLoRA, of differing ranks, of AdaLoRA. What is more than "
            + "B·A, as DoRA, biases, and modules that are trained whole, is refused; "
            + "merge --format gguf writes a whole "
            + "model. The head of a run stays with it."},
        footer = {
            "  lorikeet export --run out/mine --out mine-lora.gguf",
            "  lorikeet export adapters/mine --type f16 --out mine-lora.gguf"})
final class ExportCommand implements Runnable {
    private final Terminal terminal;

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @Option(names = "--out", paramLabel = "FILE.gguf", required = true, description = "Where the adapter goes.")
    private Path out = Path.of("");

    @Option(names = "--type", paramLabel = GgufType.LABEL, converter = GgufType.class,
            description = "The type of its matrices (default: f32); rows that are no whole blocks of q8_0 are f16.")
    private DType type = DType.F32;

    @Mixin
    private CommonOptions common = new CommonOptions();

    ExportCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        String id = adapter.base(terminal);
        Path model = ModelName.find(id);
        GgufType.requireNew(out);
        AdapterOption.OnBase tuned = adapter.load(id);
        if (!(tuned.adapter() instanceof LoraAdapter lora)) {
            throw new InputException(adapter.directory(), "peft_type", tuned.adapter().peftType()
                    + " is no low-rank term, and GGUF files have those alone");
        }
        GgufAdapter.write(lora, tuned.base(), type, out);
        terminal.field("Adapter", adapter.directory().toString());
        terminal.field("Base", model.toString());
        terminal.field("Written", Format.count(lora.layers().size(), "layer", "layers") + " to " + out);
    }
}
