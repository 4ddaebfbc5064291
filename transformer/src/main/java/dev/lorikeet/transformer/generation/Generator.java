package dev.lorikeet.transformer.generation;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.transformer.constraint.Constraint;
import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.constraint.TokenBytes;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Backbone;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.CausalHead;
import dev.lorikeet.transformer.model.EncoderDecoder;
import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.SequenceToSequenceHead;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A language model that writes:
 *
 * <pre>{@code
 * var generator = Generator.of(Model.load("smollm2.gguf"));
 * generator.generate("The capital of France is").text();
 * generator.stream("Once upon a time", generator.settings().sampling(0.8, 1)).forEach(System.out::print);
 * }</pre>
 *
 * <p>Safe to share between threads, while nothing trains the model or attaches to it.
 */
public final class Generator {
    /** Prompts that are computed together, where nobody says how many. */
    private static final int TOGETHER = 16;

    private final Model model;
    private final Head head;
    private final @Nullable Tokenizer tokenizer;
    private final GenerationSettings settings;
    private final SpecialTokens special;
    private final @Nullable AdapterChoice adapters;
    private final String usualAdapter;
    /** The vocabulary in bytes, made when a form is asked for; shared by all that are of the same model. */
    private final AtomicReference<@Nullable TokenBytes> bytes;

    private Generator(Model model, Head head, @Nullable Tokenizer tokenizer, GenerationSettings settings,
            SpecialTokens special, @Nullable AdapterChoice adapters, String usualAdapter,
            AtomicReference<@Nullable TokenBytes> bytes) {
        this.model = model;
        this.head = head;
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.special = special;
        this.adapters = adapters;
        this.usualAdapter = usualAdapter;
        this.bytes = bytes;
    }

    /**
     * Of a model with the language model's head in its files.
     *
     * @throws InputException if it has none, no tokenizer, or its {@code generation_config.json} asks for what is not
     *     supported
     */
    public static Generator of(Model model) {
        return of(model, model.head(), model.tokenizer());
    }

    /** Of a language model with what is attached to it. */
    public static Generator of(TaskModel<?, ?, ?> model) {
        return of(model.model(), model.head(), model.model().tokenizer());
    }

    /** Of a model without a tokenizer, for tokens alone: texts are empty. */
    public static Generator ofTokens(Model model) {
        return of(model, model.head(), null);
    }

    private static Generator of(Model model, Head head, @Nullable Tokenizer tokenizer) {
        if (!(head instanceof CausalHead || head instanceof SequenceToSequenceHead)) {
            throw new InputException("generate: the model " + model.id()
                    + (head.className() == null ? " has a head of its own" : " is a " + head.className())
                    + ", which is no language model that writes");
        }
        boolean encoderDecoder = model.backbone() instanceof EncoderDecoder;
        return new Generator(model, head, tokenizer,
                GenerationConfigFile.settings(model.generationConfig(), encoderDecoder),
                SpecialTokens.of(model, tokenizer, encoderDecoder), null, "",
                new AtomicReference<>());
    }

    /**
     * The same, where each prompt may have an adapter of its own: with {@code AdapterSet::choose}, the base runs once
     * for all.
     *
     * @param usual the adapter of prompts that name none
     */
    public Generator withAdapters(AdapterChoice choice, String usual) {
        return new Generator(model, head, tokenizer, settings, special, choice, usual, bytes);
    }

    /** What the model's {@code generation_config.json} says, and the defaults. */
    public GenerationSettings settings() {
        return settings;
    }

    /**
     * A text as the model reads it, special tokens around it.
     *
     * @throws IllegalStateException if there is no tokenizer
     */
    public Prompt prompt(String text) {
        return Prompt.of(requireTokenizer().encode(text, Integer.MAX_VALUE).ids());
    }

    /** A text that has its special tokens, as chat templates write them. */
    public Prompt promptWithSpecialTokens(String text) {
        return Prompt.of(requireTokenizer().withoutSpecialTokens().encode(text, Integer.MAX_VALUE).ids());
    }

    private Tokenizer requireTokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException("generate: there is no tokenizer, prompts are tokens");
        }
        return tokenizer;
    }

    /** As {@link #generate(String, GenerationSettings)}, by the model's own settings. */
    public Generation generate(String prompt) {
        return generate(prompt, settings);
    }

    /** What the model writes behind {@code prompt}; the best, or the first, of several texts. */
    public Generation generate(String prompt, GenerationSettings how) {
        return generate(List.of(prompt(prompt)), how, GenerationListener.NONE).getFirst();
    }

    /**
     * What the model writes behind each prompt, or as many texts behind each as {@code num-return-sequences} says.
     *
     * @param listener hears of each token
     * @throws InputException if a prompt is too long, or settings contradict one another
     */
    public List<Generation> generate(List<Prompt> prompts, GenerationSettings how, GenerationListener listener) {
        GenerationBatch batch = batch(Math.max(TOGETHER, how.numBeams()));
        List<List<Generation>> texts = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            for (Search search : searches(prompts.get(i), how, batch::constraint)) {
                List<Generation> own = new ArrayList<>();
                texts.add(own);
                batch.add(i, prompts.get(i), search, new GenerationListener() {
                    @Override
                    public void onBegin(int prompt, int known) {
                        listener.onBegin(prompt, known);
                    }

                    @Override
                    public boolean onToken(int prompt, int token, String text) {
                        return listener.onToken(prompt, token, text);
                    }

                    @Override
                    public void onEnd(int prompt, Generation generation) {
                        own.add(generation);
                        listener.onEnd(prompt, generation);
                    }
                });
            }
        }
        while (batch.size() > 0) {
            batch.step();
        }
        return texts.stream().flatMap(List::stream).toList();
    }

    /**
     * The text piece by piece, while it is written: each is computed when it is asked for, so that a stream that nobody
     * reads on costs no more.
     *
     * @throws InputException as {@link #generate(List, GenerationSettings, GenerationListener)}
     */
    public Stream<String> stream(String prompt, GenerationSettings how) {
        GenerationBatch batch = batch(how.numBeams());
        StringBuilder piece = new StringBuilder();
        batch.add(0, prompt(prompt), how.with(GenerationSettings.NUM_RETURN_SEQUENCES, 1), (_, _, text) -> {
            piece.append(text);
            return true;
        });
        return StreamSupport.stream(new Spliterators.AbstractSpliterator<>(Long.MAX_VALUE, Spliterator.ORDERED) {
            @Override
            public boolean tryAdvance(Consumer<? super String> reader) {
                while (piece.isEmpty() && batch.size() > 0) {
                    batch.step();
                }
                String text = piece.toString();
                piece.setLength(0);
                if (!text.isEmpty()) {
                    reader.accept(text);
                }
                return !text.isEmpty();
            }
        }, false);
    }

    /**
     * Room for prompts that come and go.
     *
     * @param sequences that are computed together at most, of which a beam search takes one for each beam
     */
    public GenerationBatch batch(int sequences) {
        return new GenerationBatch(this, sequences);
    }

    Compute compute() {
        return model.compute();
    }

    Backbone backbone() {
        return model.backbone();
    }

    Head head() {
        return head;
    }

    /** Whether an encoder reads the prompt, and the decoder begins anew. */
    boolean encoderDecoder() {
        return special.start() != SpecialTokens.NONE;
    }

    /** What the decoder has before its first new token. */
    int[] begun(Prompt prompt) {
        return encoderDecoder() ? new int[] {special.start()} : prompt.ids();
    }

    /** @throws InputException if the model cannot read it, or has no room to write behind it */
    public void requireFits(Prompt prompt) {
        int vocabulary = backbone().config().vocabularySize();
        int most = backbone().maxTokens();
        for (int id : prompt.ids()) {
            if (id < 0 || id >= vocabulary) {
                throw new InputException("prompt: token " + id + " is none of the " + vocabulary);
            }
        }
        if (prompt.ids().length > most || begun(prompt).length >= most) {
            throw new InputException("prompt: has " + prompt.ids().length + " tokens, and the model has " + most
                    + " positions" + (encoderDecoder() ? "" : ", one of which is for the answer at least"));
        }
    }

    /**
     * One for each text that is written by itself.
     *
     * @param constraints what a form allows, which texts of one thread may share
     */
    List<Search> searches(Prompt prompt, GenerationSettings how, Function<TextForm, Constraint> constraints) {
        GenerationRules.check(how);
        requireFits(prompt);
        int vocabulary = backbone().config().vocabularySize();
        int[] begun = begun(prompt);
        int maxLength = Math.min(backbone().maxTokens(), begun.length + how.maxNewTokens());
        List<Integer> ends = how.eosTokenId();
        SpecialTokens own = ends == null ? special : special.endingIn(ends);
        if (how.numBeams() > 1) {
            return List.of(new BeamSearch(compute(), prompt, begun, maxLength, how, own, tokenizer, vocabulary));
        }
        TextForm form = how.form();
        Constraint constraint = form == null ? null : constraints.apply(form);
        return IntStream.range(0, how.numReturnSequences())
                .<Search>mapToObj(number -> new TokenSearch(compute(), prompt, begun, maxLength, how, own, tokenizer,
                        vocabulary, number, constraint))
                .toList();
    }

    /** What a form allows; for one thread. */
    Constraint constraint(TextForm form) {
        TokenBytes known = bytes.get();
        if (known == null) {
            known = new TokenBytes(requireTokenizer());
            bytes.set(known);
        }
        return new Constraint(form, known);
    }

    /** Chooses the adapters of a batch. */
    void choose(Tape tape, Batch batch, List<@Nullable String> names) {
        if (adapters != null) {
            adapters.choose(tape, batch, names.stream().map(name -> name == null ? usualAdapter : name).toList());
        } else {
            names.stream().filter(name -> name != null).findFirst().ifPresent(name -> {
                throw new InputException("adapter: there is no adapter \"" + name + "\", the model has none to choose");
            });
        }
    }
}
