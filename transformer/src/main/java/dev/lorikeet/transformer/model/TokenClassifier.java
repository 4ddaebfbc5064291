package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Linear;

/** One class for each token: {@code …ForTokenClassification}, a linear map of the last hidden state. */
public final class TokenClassifier extends PretrainedModel {
    private final Linear output;

    /** @param path of the layer in Hugging Face's files */
    TokenClassifier(Source source, String path) {
        super(source, Pooler.NONE);
        ConfigFields.require(source.config(), "token_classification_bias", true, "the head has a bias");
        output = child(path, source.files().linear(path, base().config().hiddenSize(),
                Outputs.read(source.config()).labels()));
    }

    /** The number of classes. */
    public int labels() {
        return output.outFeatures();
    }

    @Override
    Variable logits(Tape tape, Variable hidden, Batch batch) {
        return output.forward(tape, hidden);
    }
}
