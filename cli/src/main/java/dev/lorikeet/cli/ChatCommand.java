package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet chat}. */
@Command(name = "chat", description = {"Talks with a language model that has a chat template.", "",
    "A line is a message; one that ends with a \\ goes on in the next. Ctrl-C stops an answer, Ctrl-D ends the talk; "
            + "/help tells the rest. Lines of a file or a pipe are answered one after the other. An answer "
            + "has at most 1,024 tokens, unless --max-new-tokens or the model's files say otherwise."},
        footer = {"  lorikeet chat --model smollm2.gguf", "  lorikeet chat --adapter out/mine --system \"Be brief.\"",
            "  lorikeet chat --model models/smollm2 --temperature 0.7"})
final class ChatCommand implements Runnable {
    /** An answer ends by itself as a rule. */
    private static final int TOKENS = 1024;
    private static final String HELP = """
            /reset         forget all that was said
            /adapter NAME  answer by another adapter, or by none: the model alone
            /adapter       tell which adapters there are
            /system TEXT   begin again, by another system prompt
            /exit          end, as Ctrl-D""";

    private final Terminal terminal;

    @Mixin
    private WriterOptions writer = new WriterOptions();

    @Option(names = "--system", paramLabel = "TEXT",
            description = "The system prompt (default: what the template has).")
    @Nullable
    private String system;

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    ChatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public void run() {
        compute.request();
        WriterOptions.Writer loaded = writer.load(terminal);
        ChatTemplate template = loaded.model().chatTemplate();
        if (template == null) {
            throw new InputException("chat: the model " + loaded.model().id()
                    + " has no chat template; lorikeet generate writes on from a text");
        }
        GenerationSettings usual = loaded.generator().settings();
        boolean said = usual.maxNewTokens() != GenerationSettings.defaults().maxNewTokens();
        if (terminal.interactive()) {
            terminal.line(loaded.model().id() + (loaded.adapters().isEmpty() ? ""
                    : " with " + String.join(", ", loaded.adapters())) + ". /help tells more, Ctrl-D ends.");
        }
        try (Keyboard keyboard = Keyboard.open(terminal)) {
            talk(new Conversation(loaded, template, generation.over(said ? usual : usual.withMaxNewTokens(TOKENS)),
                    system, keyboard, terminal), keyboard);
        } catch (CharacterCodingException e) {
            throw new InputException("standard input: is not UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException("standard input", e);
        }
    }

    private void talk(Conversation talk, Keyboard keyboard) throws IOException {
        for (String message = message(keyboard); message != null; message = message(keyboard)) {
            if (message.equals("/exit") || terminal.out().checkError()) {
                return;
            }
            if (message.startsWith("/")) {
                command(talk, message);
            } else if (!message.isBlank()) {
                talk.answer(message);
            }
        }
        if (terminal.interactive()) {
            terminal.line();
        }
    }

    private @Nullable String message(Keyboard keyboard) throws IOException {
        StringBuilder message = new StringBuilder();
        prompt("> ");
        String line = keyboard.line();
        while (line != null && line.endsWith("\\")) {
            message.append(line, 0, line.length() - 1).append('\n');
            prompt("| ");
            line = keyboard.line();
        }
        if (keyboard.interrupted()) {
            terminal.line();
            return "";
        }
        return line == null && message.isEmpty() ? null : message.append(line == null ? "" : line).toString();
    }

    private void prompt(String sign) {
        if (terminal.interactive()) {
            terminal.text(sign);
        }
    }

    private void command(Conversation talk, String message) {
        String[] words = message.strip().split("\\s+", 2);
        String argument = words.length == 2 ? words[1] : "";
        switch (words[0]) {
            case "/help" -> terminal.lines(HELP);
            case "/reset" -> {
                talk.reset();
                terminal.line("(forgotten)");
            }
            case "/system" -> {
                talk.system(argument);
                terminal.line("(begun again)");
            }
            case "/adapter" ->
                terminal.line("(" + (argument.isEmpty() ? talk.adapters() : talk.adapter(argument)) + ")");
            default -> terminal.line("(there is no " + words[0] + "; /help tells what there is)");
        }
    }
}
