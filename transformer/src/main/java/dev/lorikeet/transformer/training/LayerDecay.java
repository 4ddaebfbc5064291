package dev.lorikeet.transformer.training;

import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.transformer.model.Backbone;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rates that fall from the last layer down to the embeddings: of L layers, number l from 0 on has decay^(L - l) of the
 * rate, the embeddings decay^(L + 1), and what comes after the layers the whole rate. That is BEiT's form (Bao et al.
 * 2021) of ELECTRA's (Clark et al. 2020, {@code layerwise_lr_decay}), which has one more factor, between the head and
 * the last layer; the idea is Howard and Ruder's (2018, section 3.2).
 */
final class LayerDecay {
    /** The number of a layer is the first in its path, as in {@code encoder.layer.3.output.dense.weight}. */
    private static final Pattern LAYER = Pattern.compile("(?:.*?\\.)?(\\d+)\\..*");

    private LayerDecay() {}

    /** The factor on the rate of each parameter; 1 for those that are not the backbone's. */
    static ToDoubleFunction<Parameter> of(Backbone backbone, double decay) {
        Map<Parameter, Double> factors = new IdentityHashMap<>();
        int layers = backbone.config().layers();
        int left = layers + 1; // the embeddings stand before the layers
        for (Map.Entry<String, Parameter> named : backbone.namedParameters().entrySet()) {
            Matcher path = LAYER.matcher(named.getKey());
            if (path.matches()) {
                factors.put(named.getValue(), StrictMath.pow(decay, layers - Integer.parseInt(path.group(1))));
                left = 0;
            } else {
                factors.put(named.getValue(), StrictMath.pow(decay, left));
            }
        }
        return parameter -> factors.getOrDefault(parameter, 1.0);
    }
}
