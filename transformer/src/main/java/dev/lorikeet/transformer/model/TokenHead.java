package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.tensor.Activation;
import java.util.Map;

/** One class for each token: {@code …ForTokenClassification}, a linear map of the last hidden state. */
public final class TokenHead extends Head {
    private final Outputs outputs;
    private final Map<String, Object> changes;
    private final Linear output;

    /** @param path of the layer in Hugging Face's files */
    TokenHead(Source source, String path) {
        super(source);
        ConfigFields.require(source.config(), "token_classification_bias", true, "the head has a bias");
        outputs = source.outputs();
        if (outputs.count() < 2) {
            throw source.config().error("id2label", "has 1 label, and a class of each token is one of several");
        }
        changes = source.changes();
        output = child(path, source.linear(path, source.hiddenSize(), outputs.count(), true, Activation.NONE));
    }

    /** What the logits mean. */
    public Outputs outputs() {
        return outputs;
    }

    @Override
    public Variable features(Pass pass, Variable hidden, Batch batch) {
        return hidden;
    }

    @Override
    public Variable scores(Pass pass, Variable features) {
        return output.forward(pass, features);
    }

    @Override
    public Map<String, Object> changes() {
        return changes;
    }
}
