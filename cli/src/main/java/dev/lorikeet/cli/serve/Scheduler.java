package dev.lorikeet.cli.serve;

import dev.lorikeet.transformer.generation.Generation;
import dev.lorikeet.transformer.generation.GenerationBatch;
import dev.lorikeet.transformer.generation.GenerationListener;
import dev.lorikeet.transformer.generation.GenerationSettings;
import dev.lorikeet.transformer.generation.Prompt;
import dev.lorikeet.transformer.io.InputException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The one thread in which all texts are written, side by side: who asks for one waits for its pieces. */
final class Scheduler implements AutoCloseable {
    private final ServedModels models;
    private final int places;
    private final Consumer<Throwable> faults;
    private final BlockingQueue<Text> asked = new LinkedBlockingQueue<>();
    private final Set<Text> underWay = new HashSet<>(); // of the thread alone
    private final Thread thread = new Thread(this::run, "scheduler");

    /**
     * @param places how many texts are written at a time
     * @param faults is told what fails here
     */
    Scheduler(ServedModels models, int places, Consumer<Throwable> faults) {
        this.models = models;
        this.places = places;
        this.faults = faults;
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Asks for what a model writes behind a prompt.
     *
     * @param model its name, which means what it does when the text begins
     */
    Text write(String model, Prompt prompt, GenerationSettings how) {
        Text text = new Text(model, prompt, how);
        asked.add(text);
        return text;
    }

    private void run() {
        GenerationBatch batch = models.generator().batch(places);
        while (!Thread.currentThread().isInterrupted()) {
            try {
                admit(batch);
                if (batch.size() > 0) {
                    batch.step();
                }
                if (models.hasRetired()) {
                    models.forget(adapters());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | Error e) {
                faults.accept(e); // nobody knows whose it is: all that are under way end
                underWay.forEach(text -> text.fail(Refusal.failed()));
                underWay.clear();
                batch = models.generator().batch(places);
            }
        }
        underWay.forEach(text -> text.fail(Refusal.ending()));
    }

    /** Takes those that have been asked for as long as there is room; waits for one where there is nothing to do. */
    private void admit(GenerationBatch batch) throws InterruptedException {
        while (batch.size() < places) {
            Text next = batch.size() == 0 ? asked.take() : asked.poll();
            if (next == null) {
                return;
            }
            if (!next.cancelled) {
                add(batch, next);
            }
        }
    }

    /** Those of the texts that are under way. */
    private Set<String> adapters() {
        Set<String> adapters = new HashSet<>();
        for (Text text : underWay) {
            String adapter = text.prompt.adapter();
            if (adapter != null) {
                adapters.add(adapter);
            }
        }
        return adapters;
    }

    private void add(GenerationBatch batch, Text text) {
        try {
            text.prompt = models.named(text.model, text.prompt);
            batch.add(0, text.prompt, text.how, text);
            underWay.add(text);
        } catch (InputException | Refusal e) {
            text.fail(e);
        } catch (RuntimeException | Error e) { // of this text alone
            faults.accept(e);
            text.fail(Refusal.failed());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    /**
     * What has come of a text since the last time.
     *
     * @param text nothing, too, while a character is not whole
     * @param whole the text with all that is to tell of it; null as long as it goes on
     */
    record Piece(String text, @Nullable Generation whole) {}

    /** A text that is written. */
    final class Text implements GenerationListener {
        private final String model;
        private Prompt prompt; // with its adapter from its beginning on
        private final GenerationSettings how;
        /** Pieces, or what failed. */
        private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
        private volatile boolean cancelled;
        private volatile int known;

        private Text(String model, Prompt prompt, GenerationSettings how) {
            this.model = model;
            this.prompt = prompt;
            this.how = how;
        }

        /**
         * Waits for the next piece.
         *
         * @param timeout how long
         * @throws InputException if the prompt or the settings are wrong
         * @throws Refusal if the text cannot be written, or nothing comes for so long
         */
        Piece take(Duration timeout) {
            Object next;
            try {
                next = told.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Refusal.ending();
            }
            return switch (next) {
                case Piece piece -> piece;
                case RuntimeException fault -> throw fault;
                case null, default -> throw Refusal.tooLate();
            };
        }

        /** How many tokens of the prompt an earlier text had read, as far as it has begun. */
        int known() {
            return known;
        }

        /** Nobody waits for it any more. */
        void cancel() {
            cancelled = true;
        }

        private void fail(RuntimeException fault) {
            told.add(fault);
        }

        @Override
        public void onBegin(int number, int tokens) {
            known = tokens;
        }

        @Override
        public boolean onToken(int number, int token, String text) {
            if (!text.isEmpty()) {
                told.add(new Piece(text, null));
            }
            return !cancelled;
        }

        @Override
        public void onFault(int number, InputException fault) {
            underWay.remove(this);
            fail(fault);
        }

        @Override
        public void onEnd(int number, Generation whole) {
            underWay.remove(this);
            told.add(new Piece("", whole));
        }
    }
}
