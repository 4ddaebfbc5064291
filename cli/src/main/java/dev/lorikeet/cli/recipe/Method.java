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

        /** Whether the scaling is alpha/√rank, as rsLoRA's, or alpha/rank. */
        boolean stabilized();

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
     * AdaLoRA, which prunes ranks while it trains.
     *
     * @param rank of every adapter in the beginning
     * @param targetRank the mean rank in the end
     * @param stabilized as {@link Lora}'s, with the rank of the beginning
     * @param initialShare of the steps, before the budget of ranks begins to fall
     * @param finalShare of the steps, at the end, in which the ranks no longer change
     * @param maskInterval every how many steps the lowest ranks are dropped
     * @param orthogonalWeight of the penalty that keeps the terms of an adapter apart
     */
    record AdaLora(int rank, int targetRank, double alpha, boolean stabilized, double dropout, Targets targets,
            double initialShare, double finalShare, int maskInterval, double orthogonalWeight) implements Adapted {
        static final String NAME = "adalora";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String title() {
            return "AdaLoRA";
        }

        /** The settings of a run of so many steps. */
        public dev.lorikeet.lora.rank.AdaLora settings(int steps) {
            int last = Math.max(1, (int) (finalShare * steps));
            return dev.lorikeet.lora.rank.AdaLora.defaults().withRanks(targetRank, rank)
                    .withSchedule((int) (initialShare * steps), last, maskInterval)
                    .withOrthogonalWeight(orthogonalWeight);
        }
    }

    /**
     * AutoLoRA, which searches for ranks on a part of the data, and then trains anew with them on all of it.
     *
     * @param rank the highest that a layer may get
     * @param stabilized as {@link Lora}'s
     * @param search its settings
     */
    record AutoLora(int rank, double alpha, boolean stabilized, double dropout, Targets targets,
            dev.lorikeet.lora.search.AutoLora search) implements Adapted {
        static final String NAME = "autolora";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public String title() {
            return "AutoLoRA";
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
