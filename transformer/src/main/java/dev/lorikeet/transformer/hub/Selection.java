package dev.lorikeet.transformer.hub;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.weights.GgufFile;
import dev.lorikeet.transformer.weights.Pickles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a repository are the model, and nothing else: as a Hugging Face directory with safetensors, or a GGUF
 * file, or an adapter of PEFT's.
 *
 * @param place the GGUF file, or empty for the directory
 * @param files those that are there
 * @param index the one of them that names more, or null
 */
record Selection(String place, List<String> files, @Nullable String index) {
    private static final String CONFIG = "config.json";
    private static final String WHOLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String ADAPTER_CONFIG = "adapter_config.json";
    private static final String ADAPTER = "adapter_model.safetensors";
    /** What sentence-transformers has beside the model. */
    private static final List<String> SENTENCES = List.of("modules.json", "sentence_bert_config.json",
            "config_sentence_transformers.json", "1_Pooling/config.json");

    /** Those of {@code all} that make the model that {@code name} means; nothing where they make none. */
    static Optional<Selection> of(HubName name, Collection<String> all) {
        if (name.file() != null) {
            return all.contains(name.file()) ? Optional.of(gguf(name.file(), all)) : Optional.empty();
        }
        if (all.contains(CONFIG) && (all.contains(WHOLE) || all.contains(INDEX))) {
            boolean whole = all.contains(WHOLE);
            return Optional.of(directory(List.of(CONFIG, whole ? WHOLE : INDEX), whole ? null : INDEX, all));
        }
        if (all.contains(ADAPTER_CONFIG) && all.contains(ADAPTER)) {
            return Optional.of(directory(List.of(ADAPTER_CONFIG, ADAPTER), null, all));
        }
        List<String> models = ggufs(all);
        return models.size() == 1 ? Optional.of(gguf(models.getFirst(), all)) : Optional.empty();
    }

    private static Selection directory(List<String> needed, @Nullable String index, Collection<String> all) {
        return new Selection("", Stream.of(needed, HubFiles.BESIDE_WEIGHTS, SENTENCES).flatMap(List::stream)
                .filter(all::contains).toList(), index);
    }

    private static Selection gguf(String first, Collection<String> all) {
        return new Selection(first, all.stream().filter(file -> Objects.equals(Path.of(file).getParent(),
                Path.of(first).getParent()) && GgufFile.isPart(Path.of(file), Path.of(first))).sorted().toList(), null);
    }

    /** GGUF files, of several parts the first. */
    private static List<String> ggufs(Collection<String> all) {
        return all.stream().filter(file -> file.endsWith(".gguf")
                && (!file.matches(".*-\\d{5}-of-\\d{5}\\.gguf") || file.contains("-00001-of-"))).sorted().toList();
    }

    /** Why nothing of {@code all} is the model that {@code name} means. */
    static String reason(HubName name, Collection<String> all) {
        List<String> models = ggufs(all);
        if (name.file() != null) {
            return "there is no such file" + (models.isEmpty() ? "" : ", there are " + Shown.names(models));
        }
        if (!models.isEmpty()) {
            return "has several GGUF files, say which, as " + new HubName(name.repository(), name.revision(),
                    models.getFirst()) + "; there are " + Shown.names(models);
        }
        if (all.stream().anyMatch(file -> file.matches("pytorch_model.*\\.bin"))) {
            return Pickles.rule("pytorch_model", WHOLE);
        }
        if (all.contains("adapter_model.bin")) {
            return Pickles.rule("adapter_model", ADAPTER);
        }
        boolean weights = all.contains(WHOLE) || all.contains(INDEX);
        return "has no " + (weights ? CONFIG : WHOLE + ", no " + INDEX + " and no GGUF file") + ", which this reads; "
                + (all.isEmpty() ? "it is empty" : "it has " + Shown.names(all));
    }

    /**
     * The files that {@link #index} names, beside itself.
     *
     * @throws dev.lorikeet.transformer.io.InputException if it names what is no file beside it
     */
    static Collection<String> shards(Path indexFile) {
        JsonObject map = JsonObject.read(indexFile).object("weight_map");
        TreeSet<String> shards = new TreeSet<>();
        for (String tensor : map.fields().keySet()) {
            String file = map.string(tensor);
            if (file.contains("/") || !HubName.isSafe(file)) {
                throw map.error(tensor, "a file name beside the index is expected, not " + Shown.value(file));
            }
            shards.add(file);
        }
        return shards;
    }

    /** With more files. */
    Selection and(Collection<String> more) {
        List<String> both = new ArrayList<>(files);
        both.addAll(more);
        return new Selection(place, List.copyOf(both), index);
    }
}
