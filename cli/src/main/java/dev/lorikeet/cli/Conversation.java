package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.chat.ChatMessage;
import dev.lorikeet.transformer.chat.ChatTemplate;
import dev.lorikeet.transformer.generation.FinishReason;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationBatch;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was said, and who answers. */
final class Conversation {
    /** For the next answer there is room for so many tokens at least. */
    private static final int ROOM = 128;
    private static final String NONE = "none";

    private final WriterOptions.Writer writer;
    private final ChatTemplate template;
    private final GenerationSettings settings;
    private final Keyboard keyboard;
    private final Terminal terminal;
    private final List<ChatMessage> messages = new ArrayList<>();
    /** Has read what was said, so that an answer begins with what is new. */
    private GenerationBatch batch;
    private @Nullable String system;
    private String adapter;

    /** @param system prompt, or null for what the template has */
    Conversation(WriterOptions.Writer writer, ChatTemplate template, GenerationSettings settings,
            @Nullable String system, Keyboard keyboard, Terminal terminal) {
        this.writer = writer;
        this.template = template;
        this.settings = settings.with(GenerationSettings.NUM_RETURN_SEQUENCES, 1);
        this.keyboard = keyboard;
        this.terminal = terminal;
        this.adapter = writer.adapters().isEmpty() ? NONE : writer.adapters().getFirst();
        this.system = system;
        this.batch = writer.generator().batch(settings.numBeams());
    }

    /** Forgets all messages. */
    void reset() {
        messages.clear();
    }

    /** Begins anew by another system prompt; by an empty one with what the template has. */
    void system(String prompt) {
        system = prompt.isEmpty() ? null : prompt;
        reset();
    }

    /** Which adapters there are. */
    String adapters() {
        return writer.adapters().isEmpty() ? "there are no adapters, --adapter takes some"
                : "by " + adapter + ", of " + String.join(", ", writer.adapters()) + " and " + NONE;
    }

    /** Goes on by another adapter, where there is such a one. */
    String adapter(String name) {
        if (!writer.adapters().contains(name) && !name.equals(NONE)) {
            return "there is no adapter " + name + "; " + adapters();
        }
        adapter = name;
        if (writer.set() != null) {
            batch = writer.generator().batch(settings.numBeams());
            writer.set().use(name.equals(NONE) ? new String[0] : new String[] {name});
        }
        return "by " + (name.equals(NONE) ? "the model alone" : name) + " from here on";
    }

    /** Answers a message, while the answer comes; what Ctrl-C leaves of it counts. */
    void answer(String message) {
        messages.add(ChatMessage.user(message));
        Prompt prompt;
        try {
            prompt = prompt();
        } catch (InputException e) { // the talk goes on without it
            messages.removeLast();
            terminal.aside().line("(not read: " + e.getMessage() + ")");
            return;
        }
        Generation answer = answered(prompt);
        terminal.line();
        if (answer.finish() == FinishReason.LENGTH) {
            terminal.aside().line("(cut after " + answer.ids().length + " tokens, --max-new-tokens says how many)");
        }
        messages.add(ChatMessage.assistant(answer.text()));
    }

    private Generation answered(Prompt prompt) {
        List<Generation> answers = new ArrayList<>();
        batch.add(0, prompt, settings, new GenerationListener() {
            @Override
            public boolean onToken(int number, int token, String text) {
                terminal.text(text);
                return !(terminal.interactive() && keyboard.interrupted()) && !terminal.out().checkError();
            }

            @Override
            public void onEnd(int number, Generation answer) {
                answers.add(answer);
            }
        });
        while (batch.size() > 0) {
            batch.step();
        }
        return answers.getFirst();
    }

    /** All that was said, but for the oldest messages where that is too long. */
    private Prompt prompt() {
        int most = writer.model().backbone().maxTokens();
        int room = Math.min(ROOM, Math.max(1, most / 4));
        Prompt whole = rendered();
        int forgotten = 0;
        while (whole.ids().length + room > most && messages.size() > 2) {
            messages.subList(0, 2).clear();
            forgotten += 2;
            whole = rendered();
        }
        if (forgotten > 0) {
            terminal.aside().line("(the model reads " + most + " tokens: the first " + forgotten
                    + " messages are forgotten)");
        }
        return whole;
    }

    private Prompt rendered() {
        List<ChatMessage> all = new ArrayList<>(messages);
        if (system != null) {
            all.addFirst(ChatMessage.system(system));
        }
        return writer.generator().promptWithSpecialTokens(template.render(all, true));
    }
}
