package dev.lorikeet.transformer.generation;

import dev.lorikeet.autograd.ShapeOps;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Cache;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.transformer.constraint.Constraint;
import dev.lorikeet.transformer.constraint.TextForm;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Any number of prompts, computed together without padding: as many at a time as there is room for, and the next as
 * soon as one has ended (continuous batching, Yu et al. 2022, "Orca"). What one of them gets does not depend on the
 * others, to the last bit, nor on what was read before: of a prompt that begins as an earlier one did, with its answer
 * or without, that part is not read again. So a batch is over where the model is trained, or its adapters are others
 * under the same names. Belongs to one thread.
 */
public final class GenerationBatch {
    /** Rows of prompts in one pass: enough for a matrix product, and no more memory than that takes. */
    private static final int ROWS = 512;
    /** For so many new tokens there is memory from the start; for more it grows. */
    private static final int RESERVED = 1024;
    /** The share of the heap for what ended texts have read. */
    private static final int KEPT_SHARE = 4;

    private final Generator generator;
    private final Cache cache;
    private final Places places;
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final List<Job> running = new ArrayList<>();
    private final Workspace workspace = new Workspace();
    private final Map<TextForm, Constraint> constraints = new WeakHashMap<>();

    /** A prompt with what is to become of it. */
    private static final class Job {
        private final int number;
        private final Prompt prompt;
        private final Search search;
        private final GenerationListener listener;
        /** What its first sequence has not read yet, before the first choice. */
        private int[] unread;
        /** For each row of the search its sequence of the cache. */
        private int[] sequences = {};
        private boolean begun;
        private @Nullable InputException fault;

        Job(int number, Prompt prompt, int[] unread, Search search, GenerationListener listener) {
            this.number = number;
            this.prompt = prompt;
            this.unread = unread;
            this.search = search;
            this.listener = listener;
        }
    }

    /** Tokens that a sequence reads in a pass. */
    private record Reading(Job job, int sequence, int[] tokens) {}

    /** @param sequences that there is room for at a time */
    GenerationBatch(Generator generator, int sequences) {
        this(generator, sequences, Runtime.getRuntime().maxMemory() / KEPT_SHARE);
    }

    /** @param keptBytes of the keys and values of texts that have ended, but for the last */
    GenerationBatch(Generator generator, int sequences, long keptBytes) {
        this.generator = generator;
        this.cache = new Cache(sequences);
        this.places = new Places(cache, keptBytes);
    }

    /**
     * Adds a prompt, behind those that wait.
     *
     * @param number by which the listener knows it
     * @throws InputException if the prompt is too long, settings contradict one another, or it needs more sequences
     *     than there are
     */
    public void add(int number, Prompt prompt, GenerationSettings settings, GenerationListener listener) {
        generator.searches(prompt, settings, this::constraint).forEach(search -> add(number, prompt, search, listener));
    }

    /** Made once for all texts of a form: it is what takes long of a large one. */
    Constraint constraint(TextForm form) {
        return constraints.computeIfAbsent(form, generator::constraint);
    }

    void add(int number, Prompt prompt, Search search, GenerationListener listener) {
        if (search.rows() > cache.sequences()) {
            throw new InputException("num-beams: " + search.rows() + ", and there is room for " + cache.sequences()
                    + " sequences at a time");
        }
        waiting.add(new Job(number, prompt, generator.begun(prompt), search, listener));
    }

    /** How many have not ended. */
    public int size() {
        return waiting.size() + running.size();
    }

    /**
     * Computes the next token of each that is under way, after the next part of the prompt of those that have not read
     * theirs.
     *
     * @return whether any goes on
     */
    public boolean step() {
        admit();
        List<Reading> fresh = new ArrayList<>();
        List<Reading> going = new ArrayList<>();
        int room = ROWS;
        for (Job job : running) {
            if (job.begun) {
                for (int row = 0; row < job.search.active(); row++) {
                    going.add(new Reading(job, job.sequences[row], new int[] {job.search.next(row)}));
                }
            } else if (room > 0) {
                int count = Math.min(room, job.unread.length);
                fresh.add(new Reading(job, job.sequences[0], Arrays.copyOf(job.unread, count)));
                job.unread = Arrays.copyOfRange(job.unread, count, job.unread.length);
                room -= generator.encoderDecoder() ? job.prompt.ids().length : count;
            }
        }
        if (generator.encoderDecoder()) { // an encoder is asked once
            read(fresh, true);
            read(going, false);
        } else {
            fresh.addAll(going);
            read(fresh, false);
        }
        finish();
        return size() > 0;
    }

    private void admit() {
        for (Job job = waiting.peek(); job != null && job.search.rows() <= places.free(); job = waiting.peek()) {
            waiting.remove();
            job.sequences = isKept(job) && !job.prompt.readAnew() ? new int[] {places.take(job.prompt)}
                    : places.take(job.search.rows());
            int known = cache.length(job.sequences[0]);
            cache.reserve(job.sequences[0], Math.min(job.search.maxLength(), job.unread.length + RESERVED));
            job.unread = Arrays.copyOfRange(job.unread, known, job.unread.length);
            running.add(job);
            job.listener.onBegin(job.number, known);
        }
    }

    /** Whether what it has read serves others: beams part, and a decoder reads what its encoder says. */
    private boolean isKept(Job job) {
        return job.search.isKept() && !generator.encoderDecoder();
    }

    private void read(List<Reading> readings, boolean encode) {
        if (readings.isEmpty()) {
            return;
        }
        try (Tape tape = Tape.inference(generator.compute(), workspace)) {
            Batch batch = Batch.of(readings.stream().map(Reading::tokens).toList());
            if (encode) {
                batch = batch.withSource(Batch.of(readings.stream().map(reading -> reading.job.prompt.ids()).toList()));
            }
            List<@Nullable String> adapters = new ArrayList<>();
            readings.forEach(reading -> adapters.add(reading.job.prompt.adapter()));
            generator.choose(tape, batch, adapters);
            Pass pass = batch.pass(tape, cache.of(readings.stream().mapToInt(Reading::sequence).toArray()));
            Tensor logits = logits(pass, batch);
            for (int i = 0; i < readings.size();) {
                Job job = readings.get(i).job;
                int count = job.begun ? job.search.active() : 1;
                if (job.unread.length == 0) {
                    try {
                        job.search.choose(logits, i);
                        follow(job);
                    } catch (InputException e) {
                        job.fault = e;
                    }
                    job.begun = true;
                }
                i += count;
            }
        }
    }

    /** Those of the last row of each sequence, (sequences, vocabulary). */
    private Tensor logits(Pass pass, Batch batch) {
        Variable hidden = generator.backbone().forward(pass, batch);
        int[] last = IntStream.range(1, batch.offsets().length).map(s -> batch.offsets()[s] - 1).toArray();
        Variable features = generator.head().features(pass, hidden, batch);
        Variable rows = last.length == batch.rows() ? features : ShapeOps.gather(pass.tape(), features, last);
        return generator.head().scores(pass.pooled(), rows).value();
    }

    /** Has each row go on with the sequence of its parent: the first with that itself, others with copies. */
    private void follow(Job job) {
        int[] parents = job.search.parents();
        if (job.search.done() || job.search.rows() == 1) {
            return;
        }
        int[] next = new int[job.sequences.length];
        Arrays.fill(next, -1);
        BitSet left = new BitSet();
        Arrays.stream(job.sequences).forEach(left::set);
        for (int row = 0; row < parents.length; row++) {
            int sequence = job.sequences[parents[row]];
            if (left.get(sequence)) {
                next[row] = sequence;
                left.clear(sequence);
            }
        }
        for (int row = 0; row < next.length; row++) {
            if (next[row] < 0) {
                next[row] = left.nextSetBit(0);
                left.clear(next[row]);
                if (row < parents.length) {
                    cache.copy(job.sequences[parents[row]], next[row]);
                }
            }
        }
        job.sequences = next;
    }

    /** Tells what is new, and makes room for others where one has ended. */
    private void finish() {
        for (Iterator<Job> jobs = running.iterator(); jobs.hasNext();) {
            Job job = jobs.next();
            InputException fault = job.fault;
            if (fault != null) {
                jobs.remove();
                release(job);
                job.listener.onFault(job.number, fault);
                continue;
            }
            if (job.begun && !job.search.tellNewest(job.number, job.listener) && !job.search.done()) {
                job.search.cancel();
            }
            if (job.search.done()) {
                jobs.remove();
                release(job);
                job.search.tellEnd(job.number, job.listener);
            }
        }
    }

    private void release(Job job) {
        if (isKept(job) && job.fault == null) {
            int sequence = job.sequences[0];
            places.release(sequence, job.search.first(cache.length(sequence)), job.prompt.adapter());
        } else {
            Arrays.stream(job.sequences).forEach(places::release);
        }
    }
}
