package dev.lorikeet.transformer.generation;

import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.settings.Kind;
import dev.lorikeet.transformer.settings.Section;
import dev.lorikeet.transformer.settings.Setting;
import dev.lorikeet.transformer.settings.Settings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to write. Names, meanings and order of application are those of transformers' {@code GenerationConfig}, and so
 * are the defaults but for the number of tokens.
 *
 * @param values of the settings declared here
 * @param form that the text has to be of; null for any. A text of it ends where nothing more may come
 */
public record GenerationSettings(Settings values, @Nullable TextForm form) {
    private static final Section SECTION = new Section("generation");
    private static final Kind<Double> SHARE = Kind.number("a number in [0, 1]", value -> value >= 0 && value <= 1);
    /** So small that less would make infinities of logits. */
    private static final double LEAST = 1e-5;
    private static final Kind<Double> POSITIVE = Kind.number("a number from 0.00001 on",
            value -> value >= LEAST && value <= Float.MAX_VALUE);

    public static final Setting<Integer> MAX_NEW_TOKENS = SECTION.setting("max-new-tokens", Kind.whole(1), 256,
            "So many tokens are written at most.");
    public static final Setting<Integer> MIN_NEW_TOKENS = SECTION.setting("min-new-tokens", Kind.whole(0), 0,
            "No end token before so many tokens.");
    public static final Setting<Boolean> DO_SAMPLE = SECTION.setting("do-sample", Kind.flag(), false,
            "Tokens are drawn by their probabilities; else the most probable one is taken.");
    public static final Setting<Double> TEMPERATURE = SECTION.setting("temperature", POSITIVE, 1.0,
            "Of drawing: logits are divided by it, so that less than 1 favours what is probable.");
    public static final Setting<Integer> TOP_K = SECTION.setting("top-k", Kind.whole(0), 50,
            "Of drawing: the K most probable tokens alone; 0 for all.");
    public static final Setting<Double> TOP_P = SECTION.setting("top-p", SHARE, 1.0,
            "Of drawing: the most probable tokens alone whose probabilities sum up to P (nucleus sampling).");
    public static final Setting<Double> MIN_P = SECTION.setting("min-p", SHARE, 0.0,
            "Of drawing: tokens alone that are at least P times as probable as the most probable one.");
    public static final Setting<Double> REPETITION_PENALTY = SECTION.setting("repetition-penalty", POSITIVE, 1.0,
            "Logits of tokens that were there, in the prompt too, are divided by it, negative ones multiplied; 1 for "
                    + "none.");
    public static final Setting<Integer> NO_REPEAT_NGRAM_SIZE = SECTION.setting("no-repeat-ngram-size", Kind.whole(0),
            0, "No run of so many tokens comes twice; 0 for any.");
    public static final Setting<Integer> NUM_BEAMS = SECTION.setting("num-beams", Kind.whole(1), 1,
            "A beam search of so many beams; 1 for none.");
    public static final Setting<Double> LENGTH_PENALTY = SECTION.setting("length-penalty",
            Kind.number("a number", Double::isFinite), 1.0,
            "Of a beam search: sums of log-probabilities are divided by the length to this power, so that above 0 "
                    + "favours long texts.");
    public static final Setting<EarlyStopping> EARLY_STOPPING = SECTION.setting("early-stopping",
            new Kind<>("false|true|never", "false or true or never", GenerationSettings::earlyStopping,
                    EarlyStopping::fileName),
            EarlyStopping.FALSE,
            "A beam search ends when there are as many texts as beams; by false, when running ones are no better; by "
                    + "never, when they cannot become so.");
    public static final Setting<Integer> NUM_RETURN_SEQUENCES = SECTION.setting("num-return-sequences", Kind.whole(1),
            1, "So many texts for each prompt: those drawn differ, of a beam search the best.");
    public static final Setting<List<String>> STOP_STRINGS = SECTION.setting("stop-strings",
            new Kind<>("TEXT", "a text or a list of them", GenerationSettings::texts, texts -> texts), List.of(),
            "Where one of these comes a text ends, before it.");
    public static final Setting<List<Integer>> EOS_TOKEN_ID = SECTION.optional("eos-token-id",
            new Kind<>("N", "the id of a token or a list of them", GenerationSettings::ids, ids -> ids),
            "The end tokens; by default those that the model's files say.");
    public static final Setting<Long> SEED = SECTION.setting("seed", Kind.seed(), 1L,
            "Of drawing: the same seed gives the same text for a prompt.");

    /** All of them. */
    public static final List<Setting<?>> ALL = SECTION.settings();

    private static final GenerationSettings DEFAULTS = new GenerationSettings(Settings.of(ALL), null);

    private static @Nullable EarlyStopping earlyStopping(Object given) {
        for (EarlyStopping each : EarlyStopping.values()) {
            if (each.fileName().equals(given.toString())) {
                return each;
            }
        }
        return null;
    }

    private static @Nullable List<String> texts(Object given) {
        List<?> all = given instanceof List<?> list ? list : List.of(given);
        return all.stream().allMatch(each -> each instanceof String text && !text.isEmpty())
                ? all.stream().map(Object::toString).toList()
                : null;
    }

    private static @Nullable List<Integer> ids(Object given) {
        List<?> all = given instanceof List<?> list ? list : List.of(given);
        return all.stream().allMatch(each -> each instanceof Integer id && id >= 0)
                ? all.stream().map(Integer.class::cast).toList()
                : null;
    }

    public static GenerationSettings defaults() {
        return DEFAULTS;
    }

    /**
     * This with another value of one setting.
     *
     * @throws IllegalArgumentException if it breaks the setting's rule
     */
    public <T> GenerationSettings with(Setting<T> setting, @Nullable T value) {
        return new GenerationSettings(values.with(setting, value), form);
    }

    /**
     * The same with a value that stands in JSON.
     *
     * @param field that has it
     * @throws dev.lorikeet.transformer.io.InputException naming file, field and rule
     */
    public <T> GenerationSettings with(Setting<T> setting, JsonObject json, String field) {
        try {
            return with(setting, setting.read(json.fields().get(field)));
        } catch (IllegalArgumentException e) {
            throw json.error(field, String.valueOf(e.getMessage()));
        }
    }

    /** The same with a text of this form. */
    public GenerationSettings within(TextForm one) {
        return new GenerationSettings(values, one);
    }

    /** Draws with this temperature and seed. */
    public GenerationSettings sampling(double temperature, long seed) {
        return with(DO_SAMPLE, true).with(TEMPERATURE, temperature).with(SEED, seed);
    }

    public GenerationSettings withMaxNewTokens(int value) {
        return with(MAX_NEW_TOKENS, value);
    }

    public GenerationSettings withBeams(int value) {
        return with(NUM_BEAMS, value);
    }

    public GenerationSettings withStopStrings(String... value) {
        return with(STOP_STRINGS, List.of(value));
    }

    public int maxNewTokens() {
        return values.get(MAX_NEW_TOKENS);
    }

    public int minNewTokens() {
        return values.get(MIN_NEW_TOKENS);
    }

    public boolean doSample() {
        return values.get(DO_SAMPLE);
    }

    public double temperature() {
        return values.get(TEMPERATURE);
    }

    public int topK() {
        return values.get(TOP_K);
    }

    public double topP() {
        return values.get(TOP_P);
    }

    public double minP() {
        return values.get(MIN_P);
    }

    public double repetitionPenalty() {
        return values.get(REPETITION_PENALTY);
    }

    public int noRepeatNgramSize() {
        return values.get(NO_REPEAT_NGRAM_SIZE);
    }

    public int numBeams() {
        return values.get(NUM_BEAMS);
    }

    public double lengthPenalty() {
        return values.get(LENGTH_PENALTY);
    }

    public EarlyStopping earlyStopping() {
        return values.get(EARLY_STOPPING);
    }

    public int numReturnSequences() {
        return values.get(NUM_RETURN_SEQUENCES);
    }

    public List<String> stopStrings() {
        return values.get(STOP_STRINGS);
    }

    /** Those of the model's files where nothing is said. */
    public @Nullable List<Integer> eosTokenId() {
        return values.find(EOS_TOKEN_ID);
    }

    public long seed() {
        return values.get(SEED);
    }
}
