package dev.lorikeet.bench.peers.engines;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.LayerNorm;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Batches.Labelled;
import dev.lorikeet.transformer.model.BertConfig;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A classifier from PyTorch's operations, with LoRA where ours has it: padded batches with a mask as Hugging Face makes
 * them.
 */
final class PyTorchBert implements AutoCloseable {
    private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();
    private final BertConfig config;
    private final Map<String, NDArray> weights = new LinkedHashMap<>();

    /** Copies the parameters of {@code model}. */
    PyTorchBert(TaskModel<?, ?, ?> model) {
        config = (BertConfig) model.backbone().config();
        Map<String, Parameter> parameters = new LinkedHashMap<>(model.backbone().namedParameters());
        parameters.putAll(model.head().namedParameters());
        boolean training = parameters.keySet().stream().anyMatch(path -> path.contains(".lora_"));
        parameters.forEach((path, parameter) -> {
            Shape shape = new Shape(Arrays.stream(parameter.value().shape().dims()).asLongStream().toArray());
            NDArray weight = manager.create(parameter.value().toArray(), shape);
            weights.put(path, weight);
            weight.setRequiresGradient(training && isTrained(path));
        });
    }

    private static boolean isTrained(String path) {
        return path.contains(".lora_") || path.startsWith("head.");
    }

    /** What a step changes. */
    List<NDArray> trained() {
        return weights.entrySet().stream().filter(entry -> isTrained(entry.getKey())).map(Map.Entry::getValue).toList();
    }

    /** The mean cross-entropy. */
    NDArray loss(Labelled batch) {
        NDArray mask = mask(batch);
        NDArray hidden = encoder(ids(batch), mask);
        NDArray mean = hidden.mul(mask.expandDims(2)).sum(new int[] {1}).div(mask.sum(new int[] {1}, true));
        NDArray logits = Linear.linear(mean, weight("head.weight"), weight("head.bias")).singletonOrThrow();
        long[] classes = Arrays.stream(batch.labels()).asLongStream().toArray();
        return logits.logSoftmax(-1).gather(manager.create(classes).expandDims(1), 1).mean().neg();
    }

    /** The last hidden states (sequences, longest, hidden). */
    NDArray hidden(Labelled batch) {
        return encoder(ids(batch), mask(batch));
    }

    private NDArray ids(Labelled batch) {
        long[][] ids = new long[batch.sequences().size()][batch.longest()];
        for (int s = 0; s < ids.length; s++) {
            Arrays.fill(ids[s], config.paddingIndex());
            int[] sequence = batch.sequences().get(s);
            for (int t = 0; t < sequence.length; t++) {
                ids[s][t] = sequence[t];
            }
        }
        return manager.create(ids);
    }

    private NDArray mask(Labelled batch) {
        float[][] real = new float[batch.sequences().size()][batch.longest()];
        for (int s = 0; s < real.length; s++) {
            Arrays.fill(real[s], 0, batch.sequences().get(s).length, 1);
        }
        return manager.create(real);
    }

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
        NDArray base = Linear.linear(x, weight(path + ".weight"), weight(path + ".bias")).singletonOrThrow();
        if (!weights.containsKey(path + ".lora_A.weight")) {
            return base;
        }
        NDArray reduced = Linear.linear(x, weight(path + ".lora_A.weight")).singletonOrThrow();
        return base.add(Linear.linear(reduced, weight(path + ".lora_B.weight")).singletonOrThrow()
                .mul(scalar(Batches.SCALING)));
    }

    private NDArray norm(String path, NDArray x) {
        return LayerNorm.layerNorm(x, new Shape(config.hiddenSize()), weight(path + ".weight"), weight(path + ".bias"),
                config.layerNormEps()).singletonOrThrow();
    }

    private NDArray embedding(String name, NDArray ids) {
        return Embedding.embedding(ids, weight("embeddings." + name + ".weight"), SparseFormat.DENSE)
                .singletonOrThrow();
    }

    private NDArray weight(String path) {
        NDArray weight = weights.get(path);
        if (weight == null) {
            throw new IllegalStateException("no parameter " + path);
        }
        return weight;
    }

    @Override
    public void close() {
        manager.close();
    }
}
