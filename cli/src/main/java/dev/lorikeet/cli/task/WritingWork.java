package dev.lorikeet.cli.task;

import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import java.util.List;
import java.util.Map;

/** What models that write have in common: they are trained and evaluated, and generate asks them, not predict. */
interface WritingWork<X> extends LanguageWork<X, Double> {
    /** What the model does, and which verbs ask it. */
    String asked();

    private InputException refusal() {
        return new InputException("the model is for the task " + kind().fileName() + ", which " + asked());
    }

    /** None: the model itself writes. */
    @Override
    default List<List<String>> tries(String run) {
        return List.of();
    }

    /** @throws InputException always */
    @Override
    default X input(List<String> texts) {
        throw refusal();
    }

    /** @throws InputException always */
    @Override
    default void tell(X input, Double perplexity, int top, Terminal terminal) {
        throw refusal();
    }

    /** @throws InputException always */
    @Override
    default Map<String, Object> json(X input, Double perplexity, int top) {
        throw refusal();
    }
}
