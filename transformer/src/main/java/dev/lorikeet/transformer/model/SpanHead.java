package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Activation;
import java.util.List;
import java.util.Map;

/**
 * Where an answer begins and where it ends (Devlin et al. 2018, section 4.2): {@code …ForQuestionAnswering}, two
 * numbers for each token, a linear map of the last hidden state.
 */
public final class SpanHead extends Head {
    private static final String PATH = "qa_outputs";
    /** Of the outputs, which have the names that Hugging Face gives to two. */
    private static final Outputs BOUNDS = new Outputs(List.of("LABEL_0", "LABEL_1"), Outputs.Problem.SINGLE_LABEL);

    private final Map<String, Object> changes;
    private final Linear output;

    SpanHead(Source source) {
        super(source);
        int outputs = Outputs.read(source.config()).count();
        if (source.files() != null && outputs != BOUNDS.count()) {
            throw source.config().error("id2label", "has " + outputs
                    + (outputs == 1 ? " label" : " labels") + ", and an answer has a begin and an end");
        }
        changes = outputs == BOUNDS.count() ? Map.of() : BOUNDS.fields();
        output = child(PATH, source.linear(PATH, source.hiddenSize(), BOUNDS.count(), true, Activation.NONE));
    }

    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return hidden;
    }

    /** (rows, 2): of the begin, and of the end. */
    @Override
    public Variable scores(Pass pass, Variable features) {
        return output.forward(pass, features);
    }

    @Override
    public Map<String, Object> changes() {
        return changes;
    }
}
