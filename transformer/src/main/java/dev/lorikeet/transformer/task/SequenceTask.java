package dev.lorikeet.transformer.task;

import dev.lorikeet.transformer.model.Head;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.model.Outputs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is learned of whole texts, or pairs of them: a number of outputs with names.
 *
 * @param <X> an input
 * @param <Y> a target
 * @param <P> a prediction
 */
public sealed interface SequenceTask<X, Y, P> extends Task<X, Y, P>
        permits
        SequenceClassification,
        MultiLabelClassification,
        SequenceRegression {
    /** How an input is read. */
    Reading<X> reading();

    /** The names of the outputs, in the order of the logits. */
    List<String> labels();

    /** How the tokens become one vector. */
    HeadChoice choice();

    /** What the outputs mean. */
    Outputs outputs();

    /**
     * An example with its target.
     *
     * @throws IllegalArgumentException if the target is none
     */
    Encoded withTarget(Encoded input, Y target);

    @Override
    default Encoded encode(X input, @Nullable Y target, Model model) {
        Encoded encoded = reading().encode(input, model);
        return target == null ? encoded : withTarget(encoded, target);
    }

    @Override
    default Head head(Model model, long seed) {
        return choice().head(model, outputs(), seed);
    }

    @Override
    default Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("labels", labels());
        settings.put("pooling", choice().fileName());
        if (!reading().equals(Reading.TEXT)) {
            settings.put("input", reading().name());
        }
        return settings;
    }
}
