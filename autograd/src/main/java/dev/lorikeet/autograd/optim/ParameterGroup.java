package dev.lorikeet.autograd.optim;

import dev.lorikeet.autograd.nn.Parameter;
import java.util.List;

/**
 * Parameters that share a learning rate and a weight decay.
 *
 * @param rate the peak learning rate, multiplied by the schedule's factor
 * @param decay the decoupled weight decay; 0 for none
 */
public record ParameterGroup(List<Parameter> parameters, double rate, double decay) {
    public ParameterGroup {
        parameters = List.copyOf(parameters);
    }
}
