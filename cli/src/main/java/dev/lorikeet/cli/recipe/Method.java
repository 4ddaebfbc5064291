package dev.lorikeet.cli.recipe;

import dev.lorikeet.transformer.settings.Settings;
import java.util.List;

/**
 * What of the encoder is trained; {@link MethodSettings} has the settings.
 */
public sealed interface Method {
    /** Those of the section {@code method} that the method has. */
    Settings settings();

    /** As recipes and the command line call it. */
    String name();

    /** The name as people write it. */
    String title();

    /** Every weight of the encoder, without adapters. */
    record Full(Settings settings) implements Method {
        @Override
        public String name() {
            return "full";
        }

        @Override
        public String title() {
            return "Full fine-tuning";
        }
    }

    /** Adapters on frozen layers. */
    sealed interface Adapted extends Method {
        /** The rank; where ranks are found, the highest that there may be. */
        default int rank() {
            return settings().get(MethodSettings.RANK);
        }

        default double alpha() {
            return settings().get(MethodSettings.ALPHA);
        }

        /** Whether the scaling is alpha/√rank, as rsLoRA's, or alpha/rank. */
        default boolean stabilized() {
            return settings().get(MethodSettings.SCALING).equals("rslora");
        }

        /** The share of an adapter's input that is zeroed in training. */
        default double dropout() {
            return settings().get(MethodSettings.DROPOUT);
        }

        default Targets targets() {
            return settings().get(MethodSettings.TARGETS);
        }
    }

    /** LoRA, or rsLoRA with its other scaling. */
    record Lora(boolean stabilized, Settings settings) implements Adapted {
        @Override
        public String name() {
            return stabilized ? "rslora" : "lora";
        }

        @Override
        public String title() {
            return stabilized ? "rsLoRA" : "LoRA";
        }
    }

    /** AdaLoRA, which prunes ranks while it trains. */
    record AdaLora(Settings settings) implements Adapted {
        @Override
        public String name() {
            return "adalora";
        }

        @Override
        public String title() {
            return "AdaLoRA";
        }

        @Override
        public int rank() {
            return settings.get(MethodSettings.INITIAL_RANK);
        }

        public int targetRank() {
            return settings.get(MethodSettings.TARGET_RANK);
        }

        /** The settings of a run of so many steps. */
        public dev.lorikeet.lora.rank.AdaLora settings(int steps) {
            int last = Math.max(1, (int) (settings.get(MethodSettings.FINAL_SHARE) * steps));
            return dev.lorikeet.lora.rank.AdaLora.defaults().withRanks(targetRank(), rank())
                    .withSchedule((int) (settings.get(MethodSettings.INITIAL_SHARE) * steps), last,
                            settings.get(MethodSettings.MASK_INTERVAL))
                    .withOrthogonalWeight(settings.get(MethodSettings.ORTHOGONAL_WEIGHT));
        }
    }

    /** AutoLoRA, which searches for ranks on a part of the data, and then trains anew with them on all of it. */
    record AutoLora(Settings settings) implements Adapted {
        @Override
        public String name() {
            return "autolora";
        }

        @Override
        public String title() {
            return "AutoLoRA";
        }

        public dev.lorikeet.lora.search.AutoLora search() {
            return dev.lorikeet.lora.search.AutoLora.defaults().withEpochs(settings.get(MethodSettings.SEARCH_EPOCHS))
                    .withTrainingShare(settings.get(MethodSettings.TRAINING_SHARE))
                    .withSelection(settings.get(MethodSettings.SELECTION), false)
                    .withSelectionRate(settings.get(MethodSettings.SELECTION_RATE));
        }
    }

    /**
     * The layers that get an adapter, as PEFT's {@code target_modules}: {@code all-linear} or a regular expression for
     * whole module paths alone, or a list of the ends of module paths.
     */
    sealed interface Targets permits Pattern, Suffixes {}

    /** {@value #ALL_LINEAR}, or a regular expression that the whole path of a layer must match. */
    record Pattern(String regex) implements Targets {
        static final String ALL_LINEAR = "all-linear";

        /** Whether every linear layer of the encoder is meant. */
        public boolean isAllLinear() {
            return regex.equals(ALL_LINEAR);
        }
    }

    /** Names that the path of a layer must end in. */
    record Suffixes(List<String> names) implements Targets {
        public Suffixes {
            names = List.copyOf(names);
        }
    }
}
