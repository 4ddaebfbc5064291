package dev.lorikeet.lora;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.BertConfig;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.task.TaskModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * BERT with LoRA on all its linear layers, the mean over the tokens, a linear head and cross-entropy, once more: in
 * double precision, in plain loops, one sentence after the other. Weights are copied from a classifier.
 */
final class NaiveBert {
    /** y = x·Wᵀ + bias + s·(x·Aᵀ)·Bᵀ; {@code w} is Wᵀ (in, out), A is (r, in), B is (out, r). */
    record AdaptedLinear(double[][] w, double[] bias, double[][] a, double[][] b, double s) {
        double[][] forward(double[][] x) {
            double[][] y = new double[x.length][];
            Arrays.setAll(y, t -> bias.clone());
            for (int i = 0; i < w.length; i++) {
                for (int t = 0; t < x.length; t++) {
                    add(y[t], x[t][i], w[i]);
                }
            }
            for (int t = 0; t < x.length; t++) {
                for (int k = 0; k < a.length; k++) {
                    double h = s * dot(x[t], a[k], 0, w.length);
                    for (int o = 0; o < b.length; o++) {
                        y[t][o] += h * b[o][k];
                    }
                }
            }
            return y;
        }
    }

    private final Map<String, Parameter> parameters;
    private final BertConfig config;
    private final Map<String, AdaptedLinear> linears = new LinkedHashMap<>();
    private final AdaptedLinear head;
    private final int[] labels;
    /** (sentence, block, token, hidden): the hidden states before each block. */
    private final double[][][][] states;

    /** @param scaling s, the factor on B·A */
    NaiveBert(TaskModel<?, ?, ?> classifier, LoraAdapter adapter, double scaling, List<int[]> sentences, int[] labels) {
        parameters = classifier.backbone().namedParameters();
        config = (BertConfig) classifier.backbone().config();
        adapter.layers().forEach((path, layer) -> linears.put(path,
                copy(((LoraLinear) layer).linear(), rows(layer.a().value()), rows(layer.b().value()), scaling)));
        head = copy(((MeanPooledHead) classifier.head()).output(), new double[0][], new double[0][], 0);
        this.labels = labels;
        states = new double[labels.length][config.layers()][][];
        for (int s = 0; s < labels.length; s++) {
            double[][] x = embed(sentences.get(s));
            for (int i = 0; i < config.layers(); i++) {
                states[s][i] = x;
                x = block(i, x);
            }
        }
    }

    /** The copied layer at {@code path}; its A and B may be changed. */
    AdaptedLinear linear(String path) {
        return linears.get(path);
    }

    /** The mean loss, computed anew from {@code block} on; nothing before it may have changed. */
    double loss(int block) {
        double[] losses = IntStream.range(0, labels.length).parallel().mapToDouble(s -> {
            double[][] x = states[s][block];
            for (int i = block; i < config.layers(); i++) {
                x = block(i, x);
            }
            return loss(x, labels[s]);
        }).toArray();
        return Arrays.stream(losses).average().orElseThrow();
    }

    private double loss(double[][] hidden, int label) {
        double[] mean = new double[config.hiddenSize()];
        for (double[] token : hidden) {
            add(mean, 1.0 / hidden.length, token);
        }
        double[] logits = head.forward(new double[][] {mean})[0];
        return Math.log(Arrays.stream(logits).map(Math::exp).sum()) - logits[label];
    }

    private double[][] embed(int[] ids) {
        double[][] words = new double[ids.length][];
        double[][] places = new double[ids.length][];
        for (int t = 0; t < ids.length; t++) {
            words[t] = row("embeddings.word_embeddings.weight", ids[t]);
            places[t] = row("embeddings.position_embeddings.weight", t);
            add(places[t], 1, row("embeddings.token_type_embeddings.weight", 0));
        }
        return norm("embeddings.LayerNorm", words, places);
    }

    private double[][] block(int i, double[][] x) {
        String path = "encoder.layer." + i + ".";
        double[][] context = attention(linear(path + "attention.self.query").forward(x),
                linear(path + "attention.self.key").forward(x), linear(path + "attention.self.value").forward(x));
        double[][] attended = norm(path + "attention.output.LayerNorm",
                linear(path + "attention.output.dense").forward(context), x);
        double[][] activated = linear(path + "intermediate.dense").forward(attended);
        for (double[] token : activated) {
            Arrays.setAll(token, j -> token[j] / 2 * (1 + erf(token[j] / Math.sqrt(2))));
        }
        return norm(path + "output.LayerNorm", linear(path + "output.dense").forward(activated), attended);
    }

    /** The layer norm at {@code path} of x + residual. */
    private double[][] norm(String path, double[][] x, double[][] residual) {
        double[] weight = row(path + ".weight", 0);
        double[] bias = row(path + ".bias", 0);
        double[][] y = new double[x.length][weight.length];
        for (int t = 0; t < x.length; t++) {
            double[] sum = x[t].clone();
            add(sum, 1, residual[t]);
            double mean = Arrays.stream(sum).average().orElseThrow();
            double variance = Arrays.stream(sum).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
            Arrays.setAll(y[t],
                    i -> (sum[i] - mean) / Math.sqrt(variance + config.layerNormEps()) * weight[i] + bias[i]);
        }
        return y;
    }

    private double[][] attention(double[][] q, double[][] k, double[][] v) {
        int size = config.hiddenSize() / config.heads();
        double[][] context = new double[q.length][config.hiddenSize()];
        for (int from = 0; from < config.hiddenSize(); from += size) { // head by head
            for (int t = 0; t < q.length; t++) {
                double[] e = new double[k.length];
                for (int u = 0; u < k.length; u++) {
                    e[u] = Math.exp(dot(q[t], k[u], from, from + size) / Math.sqrt(size));
                }
                double sum = Arrays.stream(e).sum();
                for (int u = 0; u < k.length; u++) {
                    for (int i = from; i < from + size; i++) {
                        context[t][i] += e[u] / sum * v[u][i];
                    }
                }
            }
        }
        return context;
    }

    /** Abramowitz and Stegun 7.1.6, a series of terms of one sign; 1 - erf(6) is 2e-17. */
    private static double erf(double x) {
        double sum = 0;
        double term = 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * x;
        for (int n = 1; sum + term != sum; n++) {
            sum += term;
            term *= 2 * x * x / (2 * n + 1);
        }
        return Math.abs(x) > 6 ? Math.signum(x) : sum;
    }

    private static AdaptedLinear copy(Linear linear, double[][] a, double[][] b, double s) {
        double[][] weight = rows(linear.weight().value());
        double[][] w = new double[linear.inFeatures()][linear.outFeatures()];
        for (int i = 0; i < w.length; i++) {
            int column = i;
            Arrays.setAll(w[i], o -> weight[o][column]);
        }
        return new AdaptedLinear(w, row(linear.bias().value(), 0), a, b, s);
    }

    private double[] row(String parameter, int i) {
        return row(parameters.get(parameter).value(), i);
    }

    private static double[][] rows(Tensor matrix) {
        return IntStream.range(0, matrix.dim(0)).mapToObj(i -> row(matrix, i)).toArray(double[][]::new);
    }

    private static double[] row(Tensor tensor, int i) {
        int size = tensor.dim(-1);
        return IntStream.range(0, size).mapToDouble(j -> tensor.data()[tensor.offset() + i * size + j]).toArray();
    }

    private static void add(double[] y, double factor, double[] x) {
        for (int i = 0; i < x.length; i++) {
            y[i] += factor * x[i];
        }
    }

    private static double dot(double[] x, double[] y, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
