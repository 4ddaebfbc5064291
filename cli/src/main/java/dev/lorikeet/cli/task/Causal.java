package dev.lorikeet.cli.task;

import dev.lorikeet.cli.recipe.TaskKind;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.CausalLanguageModel;
import java.util.List;
import java.util.Map;

/** The token after each token: it is trained and evaluated, and gives no answers yet. */
record Causal(CausalLanguageModel task) implements LanguageWork<Double> {
    @Override
    public TaskKind kind() {
        return TaskKind.CAUSAL;
    }

    @Override
    public String outputs() {
        return "the token after each token";
    }

    @Override
    public String show(String target) {
        return "each token is what is to be told of those before it";
    }

    private static InputException refusal() {
        return new InputException("the model is for the task " + TaskKind.CAUSAL.fileName()
                + ", which goes on with texts, and that is not built yet: evaluate tells the perplexity of texts, and "
                + "merge writes a model for other programs to go on with");
    }

    /** @throws InputException always */
    @Override
    public String input(List<String> texts) {
        throw refusal();
    }

    @Override
    public void tell(String input, Double perplexity, int top, Terminal terminal) {
        throw refusal();
    }

    @Override
    public Map<String, Object> json(String input, Double perplexity, int top) {
        throw refusal();
    }
}
