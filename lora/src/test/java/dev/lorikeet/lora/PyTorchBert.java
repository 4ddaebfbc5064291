package dev.lorikeet.lora;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.GradientCollector;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.BertConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A classifier with LoRA on all its linear layers, trained by PyTorch: padded batches with a mask as Hugging Face makes
 * them, PyTorch's own operations and gradients, and AdamW from its array operations in the order of
 * {@code torch.optim.AdamW}, since DJL's Adam adds eps elsewhere.
 */
final class PyTorchBert implements AutoCloseable {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPS = 1e-8;

    private record Moments(NDArray first, NDArray second) {}

    private final Engine engine = Engine.getEngine("PyTorch");
    private final NDManager manager = engine.newBaseManager();
    private final BertConfig config;
    private final double scaling;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();
    private final Map<String, Moments> moments = new LinkedHashMap<>();
    private int steps;

    /**
     * @param parameters the encoder's with those of LoRA by their paths, the head's below {@code head}; copied
     * @param scaling s, the factor on B·A
     */
    PyTorchBert(BertConfig config, Map<String, Parameter> parameters, double scaling) {
        this.config = config;
        this.scaling = scaling;
        parameters.forEach((path, parameter) -> {
            Shape shape = new Shape(Arrays.stream(parameter.value().shape().dims()).asLongStream().toArray());
            NDArray weight = manager.create(parameter.value().toArray(), shape);
            weights.put(path, weight);
            if (path.contains(".lora_") || path.startsWith("head.")) {
                weight.setRequiresGradient(true);
                moments.put(path, new Moments(manager.zeros(shape), manager.zeros(shape)));
            }
        });
    }

    /** Adds the gradients of {@code share} times the mean loss, and gives that. */
    double backward(List<int[]> sentences, int[] labels, double share) {
        try (NDScope _ = new NDScope()) { // frees every array that is made in here
            NDArray loss;
            try (GradientCollector collector = engine.newGradientCollector()) {
                loss = loss(sentences, labels).mul(scalar(share));
                collector.backward(loss);
            }
            return loss.getFloat();
        }
    }

    /** Clips the gradients as {@code torch.nn.utils.clip_grad_norm_}, takes a step, and gives the norm before. */
    double update(double largestNorm, double rate, double decay) {
        try (NDScope _ = new NDScope()) {
            double squares = 0;
            for (String path : moments.keySet()) {
                squares += Math.pow(weights.get(path).getGradient().norm().getFloat(), 2);
            }
            double norm = Math.sqrt(squares);
            double factor = Math.min(1, largestNorm / (norm + 1e-6));
            steps++;
            moments.forEach((path, state) -> {
                NDArray gradient = weights.get(path).getGradient();
                gradient.muli(factor);
                update(weights.get(path), state, rate, decay);
            });
            return norm;
        }
    }

    private void update(NDArray w, Moments state, double rate, double decay) {
        NDArray gradient = w.getGradient();
        if (w.getShape().dimension() > 1) { // biases and norms do not decay
            w.muli(1 - rate * decay);
        }
        state.first.addi(gradient.sub(state.first).mul(1 - BETA1));
        state.second.muli(BETA2).addi(gradient.mul(gradient).mul(1 - BETA2));
        NDArray denominator = state.second.sqrt().div(Math.sqrt(1 - Math.pow(BETA2, steps))).add(EPS);
        w.subi(state.first.div(denominator).mul(rate / (1 - Math.pow(BETA1, steps))));
        gradient.muli(0); // PyTorch adds to it in the next step
    }

    private NDArray loss(List<int[]> sentences, int[] labels) {
        int longest = sentences.stream().mapToInt(ids -> ids.length).max().orElseThrow();
        long[][] ids = new long[sentences.size()][longest];
        float[][] real = new float[sentences.size()][longest];
        for (int s = 0; s < ids.length; s++) {
            Arrays.fill(ids[s], config.paddingIndex());
            for (int t = 0; t < sentences.get(s).length; t++) {
                ids[s][t] = sentences.get(s)[t];
                real[s][t] = 1;
            }
        }
        NDArray mask = manager.create(real);
        NDArray hidden = encoder(manager.create(ids), mask);
        NDArray mean = hidden.mul(mask.expandDims(2)).sum(new int[] {1}).div(mask.sum(new int[] {1}, true));
        NDArray logits = Linear.linear(mean, weights.get("head.weight"), weights.get("head.bias")).singletonOrThrow();
        long[] classes = Arrays.stream(labels).asLongStream().toArray();
        return logits.logSoftmax(-1).gather(manager.create(classes).expandDims(1), 1).mean().neg();
    }

    /** (batch, tokens) ids and mask to (batch, tokens, hidden). */
    private NDArray encoder(NDArray ids, NDArray mask) {
        NDArray positions = manager.arange(0, (int) ids.getShape().get(1), 1, DataType.INT64);
        NDArray words = embedding("word_embeddings", ids).add(embedding("token_type_embeddings", ids.zerosLike()));
        NDArray x = norm("embeddings.LayerNorm", words.add(embedding("position_embeddings", positions)));
        NDArray added = mask.sub(1).mul(Float.MAX_VALUE).expandDims(1).expandDims(1); // 0, or the least number
        for (int i = 0; i < config.layers(); i++) {
            String path = "encoder.layer." + i + ".";
            NDArray context = attention(path + "attention.self.", x, added);
            NDArray attended = norm(path + "attention.output.LayerNorm",
                    linear(path + "attention.output.dense", context).add(x));
            NDArray activated = Activation.gelu(linear(path + "intermediate.dense", attended));
            x = norm(path + "output.LayerNorm", linear(path + "output.dense", activated).add(attended));
        }
        return x;
    }

    private NDArray attention(String path, NDArray x, NDArray added) {
        NDArray q = heads(linear(path + "query", x));
        NDArray k = heads(linear(path + "key", x));
        NDArray v = heads(linear(path + "value", x));
        NDArray scores = q.matMul(k.swapAxes(2, 3)).div(scalar(Math.sqrt(q.getShape().get(3)))).add(added);
        return scores.softmax(-1).matMul(v).swapAxes(1, 2).reshape(x.getShape());
    }

    /**
     * A number in PyTorch's own memory. DJL's operations on a Number make an array over a buffer of Java's, which they
     * let go at once; the collector may free it while the graph still keeps it for the backward pass.
     */
    private NDArray scalar(double value) {
        return manager.full(new Shape(), (float) value);
    }

    /** (batch, tokens, hidden) to (batch, heads, tokens, size). */
    private NDArray heads(NDArray x) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), config.heads(), -1).swapAxes(1, 2);
    }

    /** As PEFT has it: the layer's own output, then B of A of the input, scaled. */
    private NDArray linear(String path, NDArray x) {
        NDArray base = Linear.linear(x, weights.get(path + ".weight"), weights.get(path + ".bias")).singletonOrThrow();
        NDArray reduced = Linear.linear(x, weights.get(path + ".lora_A.weight")).singletonOrThrow();
        return base.add(
                Linear.linear(reduced, weights.get(path + ".lora_B.weight")).singletonOrThrow().mul(scalar(scaling)));
    }

    private NDArray norm(String path, NDArray x) {
        return LayerNorm.layerNorm(x, new Shape(config.hiddenSize()), weights.get(path + ".weight"),
                weights.get(path + ".bias"), config.layerNormEps()).singletonOrThrow();
    }

    private NDArray embedding(String name, NDArray ids) {
        return Embedding.embedding(ids, weights.get("embeddings." + name + ".weight"), SparseFormat.DENSE)
                .singletonOrThrow();
    }

    /** What is trained, as it is now. */
    Map<String, Tensor> trained() {
        Map<String, Tensor> trained = new LinkedHashMap<>();
        for (String path : moments.keySet()) {
            NDArray weight = weights.get(path);
            int[] dims = Arrays.stream(weight.getShape().getShape()).mapToInt(Math::toIntExact).toArray();
            trained.put(path, Tensor.of(weight.toFloatArray(), dims));
        }
        return trained;
    }

    @Override
    public void close() {
        manager.close();
    }
}
