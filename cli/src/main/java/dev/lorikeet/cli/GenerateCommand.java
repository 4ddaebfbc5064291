package dev.lorikeet.cli;

import dev.lorikeet.cli.answer.Answer;
import dev.lorikeet.cli.answer.AnswerFormat;
import dev.lorikeet.cli.answer.Answering;
import dev.lorikeet.cli.answer.Question;
import dev.lorikeet.cli.answer.Questions;
import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Generator;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lorikeet generate}. */
@Command(name = "generate", description = {"Writes on from texts, by a language model.", "",
    "A text goes to a terminal while it is written; --output and --format write prompts with answers, in JSON "
            + "with counts of tokens, why each ended and how fast it came. Of several adapters each answers."},
        footer = {"  lorikeet generate --model smollm2.gguf \"The capital of France is\"",
            "  lorikeet generate --model models/gpt2 --temperature 0.8 \"Once upon\"",
            "  lorikeet generate --adapter out/mine --prompt-file question.txt",
            "  lorikeet generate --model t5 --num-beams 4 --data in.jsonl --output out.jsonl"})
final class GenerateCommand implements Runnable {
    private static final int LONGEST = 16 << 20;

    private final Terminal terminal;

    @Mixin
    private AnswerOptions answers = new AnswerOptions();

    @Option(names = "--prompt-file", paramLabel = "FILE", description = "One prompt with all its lines: a file in "
            + "UTF-8, or - for standard input.")
    @Nullable
    private Path file;

    @Option(names = "--json", description = "As --format jsonl: one JSON object on a line for each text.")
    private boolean json;

    @Mixin
    private WriterOptions writer = new WriterOptions();

    @Mixin
    private GenerationOptions generation = new GenerationOptions();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private CommonOptions common = new CommonOptions();

    GenerateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A prompt of which one adapter, or the model without any, writes. */
    private static final class Reply {
        private final @Nullable String adapter;
        private final List<Generation> texts = new ArrayList<>();
        private long first;
        private long last;
        private int tokens;

        Reply(@Nullable String adapter) {
            this.adapter = adapter;
        }

        void token() {
            last = System.nanoTime();
            first = tokens++ == 0 ? last : first;
        }

        /** Tokens a second behind the first; 0 where there is one alone. */
        double rate() {
            return last == first ? 0 : (tokens - 1) / ((last - first) * 1e-9);
        }
    }

    @Override
    public void run() {
        if (json) {
            answers.requireJson();
        }
        if (file != null) {
            answers.add(prompt(file));
        }
        answers.check();
        compute.request();
        WriterOptions.Writer loaded = writer.load(terminal);
        GenerationSettings settings = generation.over(loaded.generator().settings());
        List<String> adapters = loaded.adapters().size() > 1 ? loaded.adapters() : List.of();
        Generator generator = adapters.isEmpty() ? loaded.generator()
                : loaded.choosing(adapters.getFirst()).generator();
        if (answers.isText() && adapters.isEmpty() && settings.numReturnSequences() == 1) {
            answers.forEach(Questions.TEXT, terminal, question -> stream(question, generator, settings));
        } else {
            answers.answer(new Answering(List.of("generated_text", "finish_reason"),
                    questions -> answers(questions, generator, adapters, settings)), Questions.TEXT,
                    AnswerFormat.TEXT, terminal);
        }
    }

    private String prompt(Path place) {
        try {
            byte[] bytes = place.equals(Path.of("-")) ? terminal.in().readNBytes(LONGEST + 1)
                    : InputFile.bytes(place, LONGEST, "prompts");
            if (bytes.length > LONGEST) {
                throw new InputException(place, "--prompt-file", "has more than " + LONGEST + " bytes");
            }
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.replaceFirst("\\R\\z", ""); // an editor's
        } catch (CharacterCodingException e) {
            throw new InputException(place, "--prompt-file", "is not UTF-8");
        } catch (IOException e) {
            throw new InputException(place, "--prompt-file", "cannot be read: " + e);
        }
    }

    /** One text while it is written. */
    private boolean stream(Question question, Generator generator, GenerationSettings settings) {
        Reply answered = new Reply(null);
        answered.texts.addAll(generator.generate(
                List.of(prompt(question, generator)), settings, (_, _, text) -> {
                    answered.token();
                    terminal.text(text);
                    return !terminal.out().checkError();
                }));
        if (terminal.interactive() && answered.texts.getFirst().text().isBlank()) {
            terminal.text(Format.NO_ANSWER);
        }
        terminal.line();
        if (terminal.interactive()) {
            terminal.aside().line(told(answered));
        }
        return !terminal.out().checkError();
    }

    private static Prompt prompt(Question question, Generator generator) {
        return question.read(() -> {
            Prompt prompt = generator.prompt(question.texts().getFirst());
            generator.requireFits(prompt);
            return prompt;
        });
    }

    private static String told(Reply answered) {
        Generation text = answered.texts.getFirst();
        return "(" + Format.count(text.prompt().ids().length) + " + "
                + Format.count(text.ids().length, "token", "tokens")
                + (answered.rate() > 0 ? ", " + Format.count(Math.round(answered.rate())) + " a second" : "") + ", "
                + text.finish().fileName() + ")";
    }

    private List<Answer> answers(List<Question> questions, Generator generator, List<String> adapters,
            GenerationSettings settings) {
        List<Prompt> prompts = new ArrayList<>();
        List<Reply> answered = new ArrayList<>();
        for (Question question : questions) {
            Prompt prompt = prompt(question, generator);
            if (adapters.isEmpty()) {
                prompts.add(prompt);
                answered.add(new Reply(null));
            }
            for (String adapter : adapters) {
                prompts.add(prompt.with(adapter));
                answered.add(new Reply(adapter));
            }
        }
        generator.generate(prompts, settings, new GenerationListener() {
            @Override
            public boolean onToken(int prompt, int token, String text) {
                answered.get(prompt).token();
                return true;
            }

            @Override
            public void onEnd(int prompt, Generation whole) {
                answered.get(prompt).texts.add(whole);
            }
        });
        int each = answered.size() / questions.size();
        List<Answer> all = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            all.add(answer(answered.subList(i * each, (i + 1) * each)));
        }
        return all;
    }

    private static Answer answer(List<Reply> own) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        if (own.size() == 1) {
            fields.putAll(json(own.getFirst()));
        } else {
            Map<String, Object> byAdapter = new LinkedHashMap<>();
            own.forEach(answered -> byAdapter.put(String.valueOf(answered.adapter), json(answered)));
            fields.put("adapters", byAdapter);
        }
        Generation first = own.getFirst().texts.getFirst();
        return new Answer(fields, List.of(first.text(), first.finish().fileName()), to -> own.forEach(answered -> {
            for (Generation text : answered.texts) {
                to.lines((answered.adapter == null ? "  " : "  " + answered.adapter + ": ")
                        + (text.text().isBlank() ? Format.NO_ANSWER : text.text().replace("\n", "\n    ")));
            }
        }));
    }

    private static Map<String, @Nullable Object> json(Reply answered) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        Generation first = answered.texts.getFirst();
        if (answered.texts.size() == 1) {
            fields.put("generated_text", first.text());
            fields.put("finish_reason", first.finish().fileName());
            fields.put("prompt_tokens", first.prompt().ids().length);
            fields.put("completion_tokens", first.ids().length);
        } else {
            fields.put("generated_texts", answered.texts.stream().map(Generation::text).toList());
            fields.put("finish_reasons", answered.texts.stream().map(text -> text.finish().fileName()).toList());
            fields.put("prompt_tokens", first.prompt().ids().length);
            fields.put("completion_tokens", answered.texts.stream().mapToInt(text -> text.ids().length).sum());
        }
        fields.put("tokens_per_second", answered.rate() == 0 ? null : Math.round(answered.rate() * 10) / 10.0);
        return fields;
    }
}
