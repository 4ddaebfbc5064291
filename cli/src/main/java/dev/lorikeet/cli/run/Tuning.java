package dev.lorikeet.cli.run;

import dev.lorikeet.cli.recipe.Method;
import dev.lorikeet.cli.recipe.Recipe;
import dev.lorikeet.cli.report.Run;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.TunedClassifier;
import dev.lorikeet.lora.rank.RankAllocator.RanksAt;
import dev.lorikeet.transformer.InputException;
import dev.lorikeet.transformer.model.BertModel;
import dev.lorikeet.transformer.model.Classifier;
import java.nio.file.Path;
import java.util.List;

/** A recipe's method at work on an encoder: what is trained of it, and how it is kept. */
sealed interface Tuning {
    /** The adapted layers; none where there are no adapters. */
    List<Run.AdaptedLayer> layers();

    /** What a method that finds the ranks made of them so far, change by change; nothing where they stay. */
    default List<RanksAt> ranks() {
        return List.of();
    }

    /** Writes the classifier with the tuned encoder. */
    void save(Classifier classifier, Path folder);

    /**
     * Makes trainable what {@code recipe} says, and nothing else.
     *
     * @param recipeName what the user calls the recipe, for error messages
     * @throws InputException if the method does not fit the encoder
     */
    static Tuning of(BertModel encoder, Recipe recipe, Path recipeName) {
        return switch (recipe.method()) {
            case Method.Full _ -> {
                encoder.unfreeze();
                if (encoder.hasPooler()) {
                    encoder.freeze("pooler\\..*"); // the head reads the mean of the hidden states, not the pooler
                }
                yield new Whole();
            }
            case Method.Adapted method -> {
                try {
                    yield new Adapters(Lora.attach(encoder, config(method), recipe.training().seed()));
                } catch (InputException e) {
                    throw new InputException(recipeName, "method", e.getMessage());
                }
            }
        };
    }

    private static LoraConfig config(Method.Adapted method) {
        LoraConfig.Builder builder = switch (method) {
            case Method.Lora lora -> lora.stabilized() ? LoraConfig.rslora() : LoraConfig.lora();
        };
        builder.rank(method.rank()).alpha(method.alpha()).dropout(method.dropout());
        switch (method.targets()) {
            case Method.Suffixes suffixes -> builder.targets(suffixes.names().toArray(String[]::new));
            case Method.Pattern pattern when pattern.isAllLinear() -> builder.targets("all-linear");
            case Method.Pattern pattern -> builder.targetPattern(pattern.regex());
        }
        return builder.build();
    }

    /** Adapters, kept as PEFT keeps them. */
    record Adapters(LoraAdapter adapter) implements Tuning {
        @Override
        public List<Run.AdaptedLayer> layers() {
            return adapter.layers().entrySet().stream().map(entry -> new Run.AdaptedLayer(entry.getKey(),
                    entry.getValue().rank(), entry.getValue().scaling(), entry.getValue().a().value().size()
                            + entry.getValue().b().value().size()))
                    .toList();
        }

        @Override
        public void save(Classifier classifier, Path folder) {
            TunedClassifier.save(classifier, adapter, folder);
        }
    }

    /** The encoder itself, kept as a Hugging Face directory. */
    record Whole() implements Tuning {
        @Override
        public List<Run.AdaptedLayer> layers() {
            return List.of();
        }

        @Override
        public void save(Classifier classifier, Path folder) {
            TunedClassifier.save(classifier, folder);
        }
    }
}
