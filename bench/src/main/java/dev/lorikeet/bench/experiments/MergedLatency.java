package dev.lorikeet.bench.experiments;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.bench.Median;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The LoRA paper's claim that a merged adapter costs no time (Hu et al. 2021, section 4.1): the forward pass of the
 * built-in model without an adapter, with one of rank 8 on every layer beside the weights, and with that merged, in
 * turns.
 */
final class MergedLatency {
    /** In the order of a turn. */
    private static final List<String> STATES = List.of("base", "adapter", "merged");
    private static final int WARM_UP = 20;

    private final Batch batch;
    private final List<Model> models = new ArrayList<>();
    private final Workspace workspace = new Workspace();
    private final double[][] seconds;

    /**
     * Loads a model for each state.
     *
     * @param turns in which each state is measured once
     * @param sequences of the batch, 32 tokens each
     */
    MergedLatency(int turns, int sequences) {
        seconds = new double[STATES.size()][turns];
        batch = Batch.of(IntStream.range(0, sequences)
                .mapToObj(s -> IntStream.range(0, 32).map(i -> 1000 + 37 * s + i).toArray()).toList());
        for (String state : STATES) {
            Model model = Model.load("all-MiniLM-L6-v2");
            if (!state.equals("base")) {
                LoraAdapter adapter = Lora.attach(model.backbone(), LoraConfig.lora().rank(8).targets("all-linear")
                        .initialization(Initialization.NONE).build(), 1);
                adapter.freeze();
                if (state.equals("merged")) {
                    adapter.merge();
                }
            }
            models.add(model);
        }
    }

    /** Measures all turns. Which state begins one goes round, so that none is always the first or the last. */
    void run() {
        for (int turn = -WARM_UP; turn < seconds[0].length; turn++) {
            for (int i = 0; i < STATES.size(); i++) {
                int state = Math.floorMod(turn + i, STATES.size());
                long start = System.nanoTime();
                try (Tape tape = Tape.inference(Cpu.shared(), workspace)) {
                    models.get(state).backbone().forward(tape, batch);
                }
                if (turn >= 0) {
                    seconds[state][turn] = (System.nanoTime() - start) * 1e-9;
                }
            }
        }
    }

    /** The median over the turns of a state's time as a share of the base's in the same turn. */
    double ratio(String state) {
        int index = STATES.indexOf(state);
        return Median.of(IntStream.range(0, seconds[0].length).mapToDouble(t -> seconds[index][t] / seconds[0][t])
                .toArray());
    }

    String text() {
        StringBuilder text = new StringBuilder("all-MiniLM-L6-v2, " + batch.sequences() + " sequences of 32 tokens, "
                + seconds[0].length + " turns\n  state      median     of the base's time\n");
        for (String state : STATES) {
            text.append(String.format(Locale.ROOT, "  %-8s %6.2f ms   %.3f%n", state,
                    1e3 * Median.of(seconds[STATES.indexOf(state)]), ratio(state)));
        }
        return text.toString().stripTrailing();
    }

    Map<String, Object> json() {
        Map<String, Object> json = new TreeMap<>();
        for (String state : STATES) {
            json.put(state + ".milliseconds", 1e3 * Median.of(seconds[STATES.indexOf(state)]));
            json.put(state + ".ratio", ratio(state));
        }
        return json;
    }
}
