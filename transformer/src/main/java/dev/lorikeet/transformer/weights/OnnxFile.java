package dev.lorikeet.transformer.weights;

import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.ProtobufReader;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The weights of a transformer that PyTorch exported to ONNX, under their Hugging Face names.
 *
 * <p>Embeddings, norms and biases keep their names as initialisers of the graph. The weight of a linear layer loses it
 * and lies transposed, (in, out): it is the second input of a {@code MatMul} node, and the node's name has the
 * parameter's: {@code /encoder/layer.0/attention/self/query/MatMul} multiplies by
 * {@code encoder.layer.0.attention.self.query.weight}. Whole numbers ({@code embeddings.position_ids}) are no weights
 * and are left out.
 *
 * <p>Source: {@code onnx.proto} of the ONNX project: ModelProto.graph = 7; GraphProto.node = 1, initializer = 5;
 * NodeProto.input = 1, name = 3, op_type = 4; TensorProto as in {@link OnnxTensor}.
 */
public final class OnnxFile implements TensorFile {
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int NODE_INPUT = 1;
    private static final int NODE_NAME = 3;
    private static final int NODE_OP_TYPE = 4;

    private final MappedFile file;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    private record Parameter(OnnxTensor tensor, boolean transposed) {
        Shape shape() {
            return transposed ? Shape.of(tensor.shape().dim(1), tensor.shape().dim(0)) : tensor.shape();
        }
    }

    private record Node(String name, String operation, List<String> inputs) {}

    private OnnxFile(MappedFile file) {
        this.file = file;
        Map<String, OnnxTensor> initialisers = new LinkedHashMap<>();
        List<Node> nodes = new ArrayList<>();
        ProtobufReader graph = new ProtobufReader(file.path(), "graph", graph());
        while (graph.next()) {
            switch (graph.field()) {
                case GRAPH_NODE -> nodes.add(node(graph.bytes()));
                case GRAPH_INITIALIZER -> {
                    OnnxTensor tensor = OnnxTensor.parse(file.path(), graph.bytes());
                    if (initialisers.put(tensor.name(), tensor) != null) {
                        throw new InputException(file.path(), tensor.name(), "two initialisers have this name");
                    }
                }
                default -> {
                }
            }
        }
        initialisers.values().removeIf(tensor -> tensor.dtype() != DType.F32);
        name(initialisers, nodes);
    }

    /**
     * Opens a file and checks it whole, as far as the weights go: every length, type and shape.
     *
     * @throws InputException if the file is missing or breaks the format, keeps its data in another file, or has a
     *             weight that is not float32 or cannot be named
     */
    public static TensorFile open(Path path) {
        MappedFile file = new MappedFile(path);
        try {
            return new OnnxFile(file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private MemorySegment graph() {
        MemorySegment graph = null;
        ProtobufReader model = new ProtobufReader(file.path(), "model", file.bytes());
        while (model.next()) {
            if (model.field() == MODEL_GRAPH) {
                if (graph != null) {
                    throw model.error("there are two graphs");
                }
                graph = model.bytes();
            }
        }
        if (graph == null) {
            throw model.error("there is no graph, this is not an ONNX model");
        }
        return graph;
    }

    private Node node(MemorySegment message) {
        String name = "";
        String operation = "";
        List<String> inputs = new ArrayList<>();
        ProtobufReader reader = new ProtobufReader(file.path(), "node", message);
        while (reader.next()) {
            switch (reader.field()) {
                case NODE_INPUT -> inputs.add(reader.text());
                case NODE_NAME -> name = reader.text();
                case NODE_OP_TYPE -> operation = reader.text();
                default -> {
                }
            }
        }
        return new Node(name, operation, inputs);
    }

    private void name(Map<String, OnnxTensor> initialisers, List<Node> nodes) {
        Map<String, OnnxTensor> unnamed = new LinkedHashMap<>(initialisers);
        Map<String, Parameter> linear = new LinkedHashMap<>();
        for (Node node : nodes) {
            OnnxTensor tensor = node.inputs().size() < 2 ? null : initialisers.get(node.inputs().get(1));
            if (tensor != null && node.operation().equals("MatMul")) {
                unnamed.remove(tensor.name());
                String name = linearWeight(node, tensor);
                if (linear.put(name, new Parameter(tensor, true)) != null) {
                    throw new InputException(file.path(), name, "two MatMul nodes give this name");
                }
            }
        }
        unnamed.forEach((name, tensor) -> parameters.put(name, new Parameter(tensor, false)));
        linear.forEach((name, parameter) -> {
            if (parameters.put(name, parameter) != null) {
                throw new InputException(file.path(), name, "a MatMul node and an initialiser give this name");
            }
        });
    }

    private String linearWeight(Node node, OnnxTensor tensor) {
        String name = node.name();
        if (!name.startsWith("/") || !name.endsWith("/MatMul") || name.equals("/MatMul")) {
            throw new InputException(file.path(), "MatMul node \"" + name + "\"",
                    "/module/path/MatMul is expected, it names the weight " + tensor.name());
        }
        if (tensor.shape().rank() != 2) {
            throw new InputException(file.path(), tensor.name(),
                    "the weight of a MatMul has two dimensions, not " + tensor.shape());
        }
        return name.substring(1, name.length() - "/MatMul".length()).replace('/', '.') + ".weight";
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(parameters.keySet());
    }

    @Override
    public Shape shape(String name) {
        return parameter(name).shape();
    }

    @Override
    public DType dtype(String name) {
        return parameter(name).tensor().dtype();
    }

    @Override
    public Tensor read(String name) {
        Parameter parameter = parameter(name);
        float[] values = new float[parameter.shape().size()];
        Widening.widen(DType.F32, parameter.tensor().data(), values);
        return Tensor.of(parameter.transposed() ? transpose(values, parameter.shape()) : values, parameter.shape());
    }

    @Override
    public <T> T take(String name, Function<MemorySegment, T> taker) {
        return taker.apply(parameter(name).tensor().data());
    }

    @Override
    public boolean isTurned(String name) {
        return parameter(name).transposed();
    }

    /** (in, out) to (out, in), which is {@code shape}. */
    private static float[] transpose(float[] values, Shape shape) {
        int out = shape.dim(0);
        int in = shape.dim(1);
        float[] transposed = new float[values.length];
        for (int i = 0; i < in; i++) {
            for (int o = 0; o < out; o++) {
                transposed[o * in + i] = values[i * out + o];
            }
        }
        return transposed;
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Path source() {
        return file.path();
    }

    @Override
    public void close() {
        file.close();
    }

    private Parameter parameter(String name) {
        Parameter parameter = parameters.get(name);
        if (parameter == null) {
            throw new InputException(file.path(), name, "there is no tensor of this name");
        }
        return parameter;
    }
}
