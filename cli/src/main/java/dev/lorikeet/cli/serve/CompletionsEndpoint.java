package dev.lorikeet.cli.serve;

import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/completions} and {@code POST /v1/chat/completions}, which differ in what they call things. */
abstract class CompletionsEndpoint implements Endpoint {
    private static final int MOST_TEXTS = 128; // as OpenAI's
    private static final AtomicLong NUMBER = new AtomicLong();

    private final ServedModels models;
    private final Scheduler scheduler;
    private final Computing computing;
    private final int mostTokens;
    private final Gate gate;
    private final Counters counters;
    private final String idPrefix;

    /** @param mostTokens the most tokens of a text that anybody may ask for */
    CompletionsEndpoint(ServedModels models, Scheduler scheduler, Computing computing, int mostTokens, Gate gate,
            Counters counters,
            String idPrefix) {
        this.models = models;
        this.scheduler = scheduler;
        this.computing = computing;
        this.mostTokens = mostTokens;
        this.gate = gate;
        this.counters = counters;
        this.idPrefix = idPrefix;
    }

    /** The fields that have what is gone on from. */
    abstract Set<String> promptFields();

    /** What is gone on from; several texts have an answer each. */
    abstract List<Prompt> prompts(JsonObject request, Generator generator);

    /** How long an answer may be where a request does not say. */
    abstract int usualTokens(Generator generator);

    /** What answers of this kind are called, and events. */
    abstract String kind(boolean event);

    /** Of a whole text. */
    abstract Map<String, Object> choice(String text);

    /** Of a piece of a text; null at its end. */
    abstract Map<String, Object> piece(@Nullable String text, boolean first);

    @Override
    public void answer(Exchange exchange) throws IOException {
        JsonObject request = exchange.json();
        Generator generator = models.generator();
        CompletionRequest asked = computing
                .call(() -> CompletionRequest.of(request, promptFields(), generator.settings(),
                        usualTokens(generator), mostTokens), exchange.left());
        models.require(asked.model());
        int each = request.integer("n", 1);
        List<Prompt> prompts = new ArrayList<>();
        for (Prompt prompt : computing.call(() -> prompts(request, generator), exchange.left())) {
            for (int i = 0; i < Math.min(each, MOST_TEXTS + 1); i++) {
                prompts.add(asked.cachePrompt() ? prompt : prompt.anew());
            }
        }
        if (each < 1 || prompts.size() > MOST_TEXTS) {
            throw request.error("n", "there are " + prompts.size() + " texts to write, from 1 to " + MOST_TEXTS
                    + " are allowed");
        }
        if (asked.stream() && prompts.size() > 1) {
            throw request.error("stream", "is of one text alone, not of " + prompts.size());
        }
        Map<String, Object> head = new LinkedHashMap<>();
        head.put("id", idPrefix + Long.toString(NUMBER.incrementAndGet(), Character.MAX_RADIX));
        head.put("object", kind(asked.stream()));
        head.put("created", Instant.now().getEpochSecond());
        head.put("model", asked.model());
        try (var _ = gate.enter(exchange.left())) {
            List<Scheduler.Text> texts = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                // those of one prompt are drawn apart
                texts.add(scheduler.write(asked.model(), prompts.get(i), asked.how().with(GenerationSettings.SEED,
                        asked.how().seed() + i % each)));
            }
            try {
                if (asked.stream()) {
                    stream(exchange, asked, head, texts.getFirst());
                } else {
                    whole(exchange, head, texts, each);
                }
            } finally {
                texts.forEach(Scheduler.Text::cancel);
            }
        }
    }

    private void whole(Exchange exchange, Map<String, Object> head, List<Scheduler.Text> texts, int each)
            throws IOException {
        List<Object> choices = new ArrayList<>();
        long read = 0;
        long known = 0;
        long written = 0;
        for (Scheduler.Text text : texts) {
            Generation whole = null;
            while (whole == null) {
                whole = text.take(exchange.left()).whole();
            }
            if (choices.size() % each == 0) { // one prompt for all of its texts
                read += whole.prompt().ids().length;
                known += text.known();
            }
            written += whole.ids().length;
            choices.add(choice(choices.size(), choice(whole.text()), whole));
        }
        counters.tokens(read, written);
        head.put("choices", choices);
        head.put("usage", usage(read, known, written));
        exchange.answer(200, head);
    }

    private void stream(Exchange exchange, CompletionRequest asked, Map<String, Object> head, Scheduler.Text text)
            throws IOException {
        Scheduler.Piece piece = text.take(exchange.left()); // what is wrong with the request is known now
        Exchange.Events events = exchange.events();
        for (boolean first = true;; first = false) {
            Generation whole = piece.whole();
            if (first || whole == null) {
                events.send(event(head, choice(0, piece(piece.text(), first), null)));
            }
            if (whole != null) {
                events.send(event(head, choice(0, piece(null, false), whole)));
                int read = whole.prompt().ids().length;
                counters.tokens(read, whole.ids().length);
                if (asked.usage()) {
                    Map<String, Object> last = new LinkedHashMap<>(head);
                    last.put("choices", List.of());
                    last.put("usage", usage(read, text.known(), whole.ids().length));
                    events.send(last);
                }
                events.done();
                return;
            }
            piece = text.take(exchange.left());
        }
    }

    private static Map<String, Object> event(Map<String, Object> head, Map<String, Object> choice) {
        Map<String, Object> event = new LinkedHashMap<>(head);
        event.put("choices", List.of(choice));
        return event;
    }

    private static Map<String, Object> choice(int index, Map<String, Object> content, @Nullable Generation whole) {
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("index", index);
        choice.putAll(content);
        choice.put("logprobs", null);
        choice.put("finish_reason", whole == null ? null : whole.finish().fileName());
        return choice;
    }

    private static Map<String, Object> usage(long read, long known, long written) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", read);
        usage.put("completion_tokens", written);
        usage.put("total_tokens", read + written);
        usage.put("prompt_tokens_details", Map.of("cached_tokens", known));
        return usage;
    }
}
