package dev.lorikeet.transformer.model;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The architectures that files are read as. A value: whoever has more passes {@code standard().with(mine)}. */
public record Architectures(List<Architecture> all) {
    private static final Architectures STANDARD = new Architectures(List.of(BertModel.ARCHITECTURE,
            RobertaModel.ARCHITECTURE, DistilBertModel.ARCHITECTURE, ElectraModel.ARCHITECTURE,
            DebertaModel.ARCHITECTURE, AlbertModel.ARCHITECTURE, Gpt2Model.ARCHITECTURE, GptJModel.ARCHITECTURE,
            GptNeoXModel.ARCHITECTURE,
            LlamaModel.ARCHITECTURE, LlamaRelatives.MISTRAL, LlamaRelatives.QWEN2, LlamaRelatives.QWEN3,
            LlamaRelatives.SMOLLM3, Phi3Model.ARCHITECTURE, GemmaModel.GEMMA2, GemmaModel.GEMMA3,
            T5Model.ARCHITECTURE, BartModel.ARCHITECTURE));

    public Architectures {
        all = List.copyOf(all);
    }

    /** Those of this library. */
    public static Architectures standard() {
        return STANDARD;
    }

    /** These and one more, which stands in for one of the same {@code model_type}. */
    public Architectures with(Architecture architecture) {
        return new Architectures(Stream.concat(Stream.of(architecture), all.stream()
                .filter(other -> !other.modelType().equals(architecture.modelType()))).toList());
    }

    /**
     * The one that {@code model_type} names.
     *
     * @throws dev.lorikeet.transformer.io.InputException if there is none
     */
    public Architecture of(JsonObject config) {
        String type = config.string("model_type");
        return all.stream().filter(architecture -> architecture.modelType().equals(type)).findFirst()
                .orElseThrow(() -> config.error("model_type", "\"" + type + "\" is not one of "
                        + all.stream().map(Architecture::modelType).collect(Collectors.joining(", "))));
    }
}
