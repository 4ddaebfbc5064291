package dev.lorikeet.transformer.model;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.LayerNorm;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.TiedHead;
import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.JsonObject;

/**
 * The token behind each mask: {@code …ForMaskedLM} of BERT and RoBERTa. A linear layer with an activation, layer norm,
 * and the table of the word embeddings with a bias of its own.
 */
public final class MaskedLanguageModel extends PretrainedModel {
    /** What the two call the parts of their heads. */
    private record Names(String dense, String norm, String head) {
        static Names of(Architecture architecture) {
            return architecture == Architecture.ROBERTA ? new Names("lm_head.dense", "lm_head.layer_norm", "lm_head")
                    : new Names("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm",
                            "cls.predictions");
        }
    }

    private final Linear dense;
    private final LayerNorm norm;
    private final TiedHead head;

    MaskedLanguageModel(Source source) {
        super(source, BertEncoder.Pooler.NONE);
        JsonObject config = source.config();
        ConfigFields.require(config, "tie_word_embeddings", true, "the head is tied to the word embeddings");
        Checkpoint checkpoint = source.checkpoint();
        Names names = Names.of(source.architecture());
        int hidden = base().config().hiddenSize();
        Activation activation = source.architecture() == Architecture.ROBERTA ? Activation.GELU
                : ConfigFields.activation(config, "hidden_act", "gelu");
        dense = child(names.dense, checkpoint.linear(names.dense, hidden, hidden, activation));
        norm = child(names.norm, checkpoint.layerNorm(names.norm, hidden,
                ConfigFields.eps(config, "layer_norm_eps", 1e-12)));
        Tensor words = base().words().weight().value();
        Tensor bias = checkpoint.read(names.head + ".bias", base().config().vocabularySize());
        head = child(names.head, new TiedHead(base().words(), bias));
        requireTied(checkpoint, names.head + ".decoder.weight", words);
        requireTied(checkpoint, names.head + ".decoder.bias", bias);
    }

    /** Files of before transformers 5 may repeat what is tied under its other name. */
    private static void requireTied(Checkpoint checkpoint, String name, Tensor tensor) {
        if (checkpoint.differs(name, tensor)) {
            throw checkpoint.error(name, "differs from the tensor that it is tied to");
        }
    }

    @Override
    Variable logits(Tape tape, Variable hidden, Batch batch) {
        return head.forward(tape, norm.forward(tape, dense.forward(tape, hidden), null));
    }
}
