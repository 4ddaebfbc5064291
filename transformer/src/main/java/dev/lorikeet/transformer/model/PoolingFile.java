package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.AtomicFile;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.EmbeddingHead.Pooling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code 1_Pooling/config.json} of sentence-transformers: how the tokens of a text become one vector. */
public final class PoolingFile {
    /** Its folder in that of a model. */
    public static final String FOLDER = "1_Pooling";
    private static final String NAME = "config.json";
    private static final Map<Pooling, String> MODES = Map.of(Pooling.MEAN, "pooling_mode_mean_tokens", Pooling.CLS,
            "pooling_mode_cls_token", Pooling.LAST_TOKEN, "pooling_mode_lasttoken");
    private static final String MODE_PREFIX = "pooling_mode_";
    /** One field for the way, by its name, which sentence-transformers writes from 6 on. */
    private static final String MODE = "pooling_mode";
    private static final Map<String, Pooling> BY_NAME = Map.of("mean", Pooling.MEAN, "cls", Pooling.CLS, "lasttoken",
            Pooling.LAST_TOKEN);

    private PoolingFile() {}

    /** Writes it into the directory of a model with vectors of {@code width} elements. */
    public static void write(Path model, Pooling pooling, int width) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("word_embedding_dimension", width);
        fields.put(MODES.get(Pooling.CLS), pooling == Pooling.CLS);
        fields.put(MODES.get(Pooling.MEAN), pooling == Pooling.MEAN);
        fields.put("pooling_mode_max_tokens", false);
        fields.put("pooling_mode_mean_sqrt_len_tokens", false);
        fields.put(MODES.get(Pooling.LAST_TOKEN), pooling == Pooling.LAST_TOKEN);
        AtomicFile.write(model.resolve(FOLDER).resolve(NAME), Json.write(fields));
    }

    /**
     * What that of a model's directory says, or null where there is none.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it says another way, or several
     */
    static @Nullable Pooling read(Path model) {
        Path file = model.resolve(FOLDER).resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        JsonObject config = JsonObject.read(file);
        if (config.fields().containsKey(MODE)) {
            Pooling named = BY_NAME.get(config.string(MODE));
            if (named == null) {
                throw config.error(MODE,
                        '"' + config.string(MODE) + "\": mean, cls or lasttoken is expected; a way that is "
                                + "named, as by --pooling, goes before the file");
            }
            return named;
        }
        List<String> on = config.fields().keySet().stream().filter(name -> name.startsWith(MODE_PREFIX)
                && config.flag(name)).toList();
        return MODES.entrySet().stream().filter(mode -> on.equals(List.of(mode.getValue()))).map(Map.Entry::getKey)
                .findFirst().orElseThrow(() -> config.error(on.isEmpty() ? MODE_PREFIX + "*"
                        : String.join(", ", on),
                        "one of mean_tokens, cls_token and lasttoken is expected; a way that "
                                + "is named, as by --pooling, goes before the file"));
    }
}
