package dev.lorikeet.lora.rank;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.TrainingDuty;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.kernel.FlightRecording;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.training.DivergedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * AdaLoRA's allocation (Zhang et al. 2023, algorithm 1) as PEFT 0.21.2 does it in {@code update_and_allocate}: after
 * each update of the parameters it takes their sensitivities in, and where a mask is due it sets the λ of the triplets
 * with the lowest scores to zero, over all modules together. A and B of these stay, so that a λ may grow again until
 * the next mask, but not in the final steps.
 *
 * <p>Ties at the threshold all fall, as in PEFT. On purpose unlike PEFT: nothing falls where the budget is all there
 * is, and none where every score is the same, as it is without gradients, since they say nothing then; a run that ends
 * with that has not allocated, and fails.
 */
public final class AdaLoraAllocator implements RankAllocator, TrainingDuty {
    /** In the state: steps of the run, steps taken, and the last mask's step (or -1), budget, threshold and drops. */
    private static final String PROGRESS = "adalora.progress";
    /** In the state, for each change of ranks its step, and the ranks in the order of the modules. */
    private static final String HISTORY = "adalora.history";

    /**
     * One mask.
     *
     * @param step counted from 0
     * @param budget the triplets that may stay
     * @param threshold the score up to which triplets fall, or NaN where none has to
     * @param dropped how many triplets fell
     */
    public record Mask(int step, int budget, float threshold, int dropped) {}

    /** As given; a run may complete them. */
    private final AdaLora given;
    private AdaLora settings;
    private BudgetSchedule schedule;
    private final List<Triplets> modules;
    private final List<ModuleScores> scores;
    /** Which triplets are left for good, by module, where ranks were found before; else null. */
    private final @Nullable Map<String, boolean[]> fixed;
    private final List<RanksAt> history = new ArrayList<>();
    private @Nullable Mask mask;
    private boolean begun;
    /** Whether the penalty was asked for since the last step. */
    private boolean penalized;
    private int step;
    private double seconds;

    /**
     * An allocator that has seen no step.
     *
     * @param modules that share the budget, all of the settings' initial rank
     */
    public AdaLoraAllocator(AdaLora settings, List<Triplets> modules) {
        this(settings, modules, null);
        for (Triplets module : modules) {
            if (module.count() != settings.initialRank()) {
                throw new IllegalArgumentException("adalora: " + module.path() + " has " + module.count()
                        + " triplets, not initialRank, " + settings.initialRank());
            }
        }
    }

    private AdaLoraAllocator(AdaLora settings, List<Triplets> modules, @Nullable Map<String, boolean[]> fixed) {
        this.given = settings;
        this.settings = settings;
        this.modules = List.copyOf(modules);
        this.fixed = fixed;
        this.scores = fixed != null ? List.of() : this.modules.stream().map(ModuleScores::new).toList();
        this.schedule = new BudgetSchedule(settings, modules.size());
    }

    /**
     * An allocator of an adapter whose ranks were found before: it allocates no more, but training goes on with the
     * penalty.
     *
     * @param modules of the triplets that are left
     * @param kept by module, which of the initial triplets these are
     */
    public static AdaLoraAllocator fixed(AdaLora settings, List<Triplets> modules, Map<String, boolean[]> kept) {
        return new AdaLoraAllocator(settings, modules, new LinkedHashMap<>(kept));
    }

    /**
     * A run of so many steps begins.
     *
     * @throws InputException if the settings ask for another number of steps, or no step of the run draws a mask
     */
    @Override
    public void begin(int steps) {
        if (fixed != null) {
            return;
        }
        if (given.totalSteps() != 0 && given.totalSteps() != steps) {
            throw new InputException("totalSteps (total_step): is " + given.totalSteps() + ", but the run has "
                    + steps + " steps");
        }
        settings = given.withTotalSteps(steps);
        schedule = new BudgetSchedule(settings, modules.size());
        if (!schedule.everMasks()) {
            throw new InputException("interval (deltaT): with " + settings.interval() + ", initialSteps (tinit) "
                    + settings.initialSteps() + " and finalSteps (tfinal) " + settings.finalSteps() + " a run of "
                    + steps + " steps would never allocate ranks");
        }
        reset();
        begun = true;
    }

    private void reset() {
        begun = false;
        step = 0;
        mask = null;
        history.clear();
        scores.forEach(ModuleScores::reset);
    }

    /** The step of the last mask is the first after which no triplet is dropped; without one, the last of the run. */
    @Override
    public int settledAfter() {
        return fixed != null ? 0 : Math.min(schedule.lastMask() + 1, settings.totalSteps());
    }

    @Override
    public @Nullable Variable penalty(Tape tape) {
        penalized = true;
        return settings.orthogonalWeight() == 0 ? null
                : Orthogonality.penalty(tape, modules, settings.orthogonalWeight());
    }

    @Override
    public void afterStep() {
        if (!begun && fixed == null) {
            if (given.totalSteps() == 0) {
                throw new IllegalStateException("adalora: no run has begun, so that nobody knows its totalSteps");
            }
            begin(given.totalSteps());
        }
        if (settings.orthogonalWeight() > 0 && !penalized) {
            throw new IllegalStateException("adalora: the loss of step " + step
                    + " lacks the penalty, whose orthogonalWeight is " + settings.orthogonalWeight());
        }
        long start = System.nanoTime();
        if (fixed == null) {
            allocate();
        }
        seconds += (System.nanoTime() - start) * 1e-9;
        penalized = false;
        step++;
    }

    private void allocate() {
        int last = schedule.lastMask();
        if (step < last) {
            scores.forEach(module -> module.update(settings));
            if (schedule.isMaskDue(step)) {
                mask(schedule.budget(step));
            }
        } else if (step == last) {
            mask(schedule.target());
            scores.forEach(ModuleScores::clear);
        } else {
            scores.forEach(ModuleScores::dropAgain);
        }
    }

    /** Keeps the triplets with the highest scores, at most {@code budget}. */
    private void mask(int budget) {
        @Nullable
        AllocationEvent event = FlightRecording.POSSIBLE ? new AllocationEvent() : null;
        if (event != null) {
            event.begin();
        }
        float threshold = threshold(schedule.initial() - budget);
        Map<String, Integer> before = ranks();
        scores.forEach(module -> module.mask(threshold));
        Map<String, Integer> ranks = ranks();
        int kept = ranks.values().stream().mapToInt(Integer::intValue).sum();
        mask = new Mask(step, budget, threshold, schedule.initial() - kept);
        if (event != null && event.shouldCommit()) {
            event.commit(step, budget, threshold, kept);
        }
        if (!ranks.equals(before)) {
            history.add(new RanksAt(step, ranks));
        }
    }

    /** The {@code count}-th lowest score; NaN if none has to fall or all scores are alike. */
    private float threshold(int count) {
        float[] sorted = new float[schedule.initial()];
        int at = 0;
        for (ModuleScores module : scores) {
            for (float score : module.score()) {
                if (!Float.isFinite(score)) {
                    throw new DivergedException("adalora: a score of " + module.path() + " in step " + step + " is "
                            + score + "; a lower learning rate may help");
                }
                sorted[at++] = score;
            }
        }
        Arrays.sort(sorted);
        return count <= 0 || sorted[0] == sorted[at - 1] ? Float.NaN : sorted[count - 1];
    }

    /** @throws IllegalStateException if no mask was drawn, or the last one left more than its budget */
    @Override
    public void end(boolean early) {
        if (fixed != null || early) {
            return;
        }
        Mask last = mask;
        if (last == null) {
            throw new IllegalStateException("adalora: the run has ended after " + step
                    + " steps without allocating ranks");
        }
        int kept = schedule.initial() - last.dropped();
        if (kept > last.budget()) {
            throw new IllegalStateException("adalora: the run has ended after " + step + " steps with " + kept
                    + " triplets for a budget of " + last.budget()
                    + ": all scores are alike, so no gradient has come through");
        }
    }

    /** The settings, with the number of steps once that is known. */
    public AdaLora settings() {
        return settings;
    }

    /** The last mask, or null before the first. */
    public @Nullable Mask mask() {
        return mask;
    }

    /** Whether a mask was drawn, or {@link #fixed} had one. */
    public boolean hasMasks() {
        return mask != null || fixed != null;
    }

    /** Which triplets the last mask kept, by the modules' paths; all before the first. */
    public Map<String, boolean[]> kept() {
        return fixed != null ? Collections.unmodifiableMap(fixed) : each(ModuleScores::kept);
    }

    /** The scores of the triplets at the last mask, by the modules' paths; zeros before the first. */
    public Map<String, float[]> scores() {
        return each(module -> module.scores().clone());
    }

    @Override
    public Map<String, Integer> ranks() {
        if (fixed == null) {
            return each(ModuleScores::rank);
        }
        Map<String, Integer> ranks = new LinkedHashMap<>();
        fixed.forEach((path, kept) -> ranks.put(path, count(kept)));
        return ranks;
    }

    /** The number of triplets that a mask keeps. */
    public static int count(boolean[] mask) {
        int count = 0;
        for (boolean keep : mask) {
            count += keep ? 1 : 0;
        }
        return count;
    }

    private <T> Map<String, T> each(Function<ModuleScores, T> what) {
        Map<String, T> all = new LinkedHashMap<>();
        scores.forEach(module -> all.put(module.path(), what.apply(module)));
        return Collections.unmodifiableMap(all);
    }

    @Override
    public List<RanksAt> history() {
        return List.copyOf(history);
    }

    @Override
    public Cost cost() {
        return new Cost(step, 0, seconds);
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        Mask last = mask == null ? new Mask(-1, 0, 0, 0) : mask;
        state.put(PROGRESS, Tensor.of(new float[] {settings.totalSteps(), step, last.step(), last.budget(),
            last.threshold(), last.dropped()}, 6));
        state.put(HISTORY, RankHistory.toTensor(history, paths()));
        scores.forEach(module -> module.addTo(state));
        return state;
    }

    @Override
    public void restore(Map<String, Tensor> state) {
        state().forEach((name, own) -> {
            Shape shape = ModuleScores.saved(state, name).shape();
            boolean fits = name.equals(HISTORY) ? shape.rank() == 2 && shape.dim(1) == own.dim(1)
                    : shape.equals(own.shape());
            if (!fits) {
                throw new IllegalArgumentException("adalora: the state's " + name + " is " + shape + ", not "
                        + own.shape());
            }
        });
        Tensor progress = ModuleScores.saved(state, PROGRESS);
        if (progress.get(0) == 0) { // of one that no run had begun with
            settings = given;
            schedule = new BudgetSchedule(settings, modules.size());
            reset();
            return;
        }
        begin((int) progress.get(0));
        step = (int) progress.get(1);
        scores.forEach(module -> module.restore(state));
        if (progress.get(2) >= 0) {
            mask = new Mask((int) progress.get(2), (int) progress.get(3), progress.get(4), (int) progress.get(5));
        }
        history.addAll(RankHistory.of(ModuleScores.saved(state, HISTORY), paths()));
    }

    private List<String> paths() {
        return modules.stream().map(Triplets::path).toList();
    }
}
