package dev.lorikeet.tornado;

import dev.lorikeet.tensor.Activation;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.FeedForward;
import dev.lorikeet.tensor.FeedForward.Block;
import dev.lorikeet.tensor.FeedForward.Factors;
import dev.lorikeet.tensor.FeedForward.Gradients;
import dev.lorikeet.tensor.FeedForward.Part;
import dev.lorikeet.tensor.FrozenMatrix;
import dev.lorikeet.tensor.FrozenMatrix.Target;
import dev.lorikeet.tensor.Shape;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.tensor.Workspace;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A feed-forward block with its inputs, and what comes of them. */
record BlockCase(int rows, int in, int wide, int rank, boolean gated) {

    Tensor x() {
        return LayerCase.values(20, Shape.of(rows, in));
    }

    Tensor dy() {
        return LayerCase.values(21, Shape.of(rows, in));
    }

    Activation activation() {
        return gated ? Activation.SILU : Activation.GELU;
    }

    /** The part's number also makes its values. */
    Tensor weight(int part) {
        return LayerCase.values(part, part == 3 ? Shape.of(in, wide) : Shape.of(wide, in));
    }

    Tensor a(int part) {
        return LayerCase.values(part + 4, Shape.of(rank, part == 3 ? wide : in));
    }

    Tensor b(int part) {
        return LayerCase.values(part + 8, Shape.of(part == 3 ? in : wide, rank));
    }

    Tensor bias(int part) {
        return LayerCase.values(part + 12, Shape.of(part == 3 ? in : wide));
    }

    /** All results: y, dx, and dA, dB, dbias of each part by its name. */
    Map<String, float[]> run(Compute compute) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        Tensor y = Tensor.zeros(rows, in);
        results.put("y", y);
        Target dx = new Target(Tensor.zeros(rows, in), false);
        results.put("dx", dx.tensor());
        Part up = part(compute, 1);
        Part gate = gated ? part(compute, 2) : null;
        Part down = part(compute, 3);
        Block block = new Block(up, gate, activation(), down);
        Workspace room = new Workspace();
        try (FeedForward kept = Objects.requireNonNull(compute.feedForward(room, x(), block, y, true))) {
            kept.backward(room, dy(), new FeedForward.Wanted(dx, gradients("up.", 1, results),
                    gated ? gradients("gate.", 2, results) : null, gradients("down.", 3, results)));
        }
        for (Part part : gate == null ? new Part[] {up, down} : new Part[] {up, gate, down}) {
            part.weight().close();
        }
        Map<String, float[]> all = new LinkedHashMap<>();
        results.forEach((name, tensor) -> all.put(name, tensor.toArray()));
        return all;
    }

    private Part part(Compute compute, int part) {
        FrozenMatrix matrix = compute.take(weight(part), WeightFormat.F32);
        return new Part(matrix, new Factors(a(part), b(part), LayerCase.SCALE), bias(part));
    }

    private Gradients gradients(String name, int part, Map<String, Tensor> results) {
        Tensor a = Tensor.zeros(a(part).shape());
        Tensor b = Tensor.zeros(b(part).shape());
        Tensor bias = Tensor.zeros(bias(part).shape());
        results.put(name + "dA", a);
        results.put(name + "dB", b);
        results.put(name + "dbias", bias);
        return new Gradients(new Target(a, false), new Target(b, false), new Target(bias, false));
    }
}
