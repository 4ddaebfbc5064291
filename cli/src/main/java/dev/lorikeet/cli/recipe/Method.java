package dev.lorikeet.cli.recipe;

import java.util.List;

/** What of the encoder is trained. */
public sealed interface Method {
    /** As recipes and the command line call it. */
    String name();

    /** The name as people write it. */
    String title();

    /** Every weight of the encoder, without adapters. */
    record Full() implements Method {
        static final String NAME = "full";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String title() {
            return "Full fine-tuning";
        }
    }

    /** Adapters on frozen layers. */
    sealed interface Adapted extends Method {
        int rank();

        double alpha();

        double dropout();

        Targets targets();
    }

    /**
     * LoRA, or rsLoRA with its other scaling.
     *
     * @param stabilized whether the scaling is alpha/√rank, as rsLoRA's, or alpha/rank
     * @param dropout the share of an adapter's input that is zeroed in training
     */
    record Lora(boolean stabilized, int rank, double alpha, double dropout, Targets targets) implements Adapted {
        static final String NAME = "lora";
        static final String STABILIZED_NAME = "rslora";

        @Override
        public String name() {
            return stabilized ? STABILIZED_NAME : NAME;
        }

        @Override
        public String title() {
            return stabilized ? "rsLoRA" : "LoRA";
        }
    }

    /**
     * The layers that get an adapter, as PEFT's {@code target_modules}: {@code all-linear} or a regular expression for whole
     * module paths alone, or a list of the ends of module paths.
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
