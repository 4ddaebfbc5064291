package dev.lorikeet.bench.peers;

import dev.lorikeet.bench.peers.Work.Encoder;
import dev.lorikeet.bench.peers.Work.Form;
import dev.lorikeet.bench.peers.Work.Map;
import dev.lorikeet.bench.peers.Work.Operation;
import dev.lorikeet.bench.peers.Work.Pass;
import dev.lorikeet.bench.peers.Work.Product;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is measured, and the aims. */
final class Rows {
    /** m, k, n of the layers of MiniLM, of models 576, 768 and 2048 wide, and their feed-forward parts. */
    private static final int[][] LAYERS = {{512, 384, 384}, {512, 384, 1536}, {512, 1536, 384}, {2048, 576, 576},
        {2048, 576, 1536}, {512, 768, 768}, {512, 768, 3072}, {512, 2048, 2048}, {512, 2048, 8192}};
    private static final int[] SQUARES = {1024, 2048};
    /** k, n of a weight that meets one row: in the last-level cache, and larger than most of them. */
    private static final int[][] DECODE = {{576, 1536}, {2048, 8192}};

    private static final double NATIVE = 1.0;
    private static final double LAYER = 1.02;
    private static final double PACKED_OF_PEAK = 0.93;
    private static final double THIN = 1.5;
    private static final double RANKS = 1.05;
    private static final double DECODE_OF_READ = 0.95;
    private static final double FORWARD = 1.4;
    private static final double STEP_FULL = 2.5;
    private static final double STEP_RAGGED = 4;

    private Rows() {}

    /**
     * The rows of a run, matrix products first.
     *
     * @param quick only those that a short run has
     * @param only is found in the names of the wanted rows, in any case; null for all
     */
    static List<Row> choose(boolean quick, @Nullable Pattern only) {
        return all().stream().filter(row -> row.quick() || !quick)
                .filter(row -> only == null || matches(row, only)).toList();
    }

    /** Each tokenizer with each text. */
    static List<Row> tokens(List<Path> tokenizers, List<Path> texts) {
        return tokenizers.stream().flatMap(tokenizer -> texts.stream()
                .map(text -> new Row(new Work.Tokens(tokenizer, text), NATIVE, null, true))).toList();
    }

    private static boolean matches(Row row, Pattern only) {
        return Pattern.compile(only.pattern(), Pattern.CASE_INSENSITIVE).matcher(row.work().name()).find();
    }

    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        for (int[] shape : LAYERS) {
            layer(rows, shape[0], shape[1], shape[2]);
        }
        for (int size : SQUARES) {
            for (Form form : List.of(Form.NN, Form.NT, Form.TN)) {
                add(rows, new Product(form, size, size, size), NATIVE, size == 1024 && form == Form.NN);
            }
        }
        for (Form form : List.of(Form.NN, Form.NT, Form.TN)) {
            add(rows, new Product(form, 512, 8, 384), THIN, form != Form.TN);
            add(rows, new Product(form, 512, 384, 8), NATIVE, false);
        }
        for (int rank : new int[] {16, 32, 64}) {
            add(rows, new Product(Form.NN, 512, rank, 384), RANKS, false);
            add(rows, new Product(Form.NT, 512, rank, 384), RANKS, false);
        }
        add(rows, new Product(Form.TN, 8, 384, 512), THIN, true);
        for (int[] shape : DECODE) {
            Product product = new Product(Form.PACKED, 1, shape[1], shape[0]);
            rows.add(new Row(product, DECODE_OF_READ, Limits.READ, true));
            add(rows, new Product(Form.NT, 1, shape[1], shape[0]), NATIVE, false);
        }
        add(rows, new Map(Operation.EXP, 1024, 1024), NATIVE, true);
        add(rows, new Map(Operation.TANH, 1024, 1024), NATIVE, true);
        add(rows, new Map(Operation.GELU, 1024, 1536), NATIVE, true);
        add(rows, new Map(Operation.SOFTMAX, 12288, 64), NATIVE, true);
        add(rows, new Map(Operation.LAYER_NORM, 1024, 384), NATIVE, true);
        add(rows, new Encoder(Pass.FORWARD, false), FORWARD, true);
        add(rows, new Encoder(Pass.FORWARD, true), FORWARD, true);
        add(rows, new Encoder(Pass.STEP, false), STEP_FULL, true);
        add(rows, new Encoder(Pass.STEP, true), STEP_RAGGED, true);
        add(rows, new Encoder(Pass.STEP_QUERY_VALUE, false), STEP_FULL, false);
        return rows;
    }

    private static void layer(List<Row> rows, int m, int k, int n) {
        boolean small = m == 512 && k == 384 && n == 384;
        boolean wide = m == 512 && k == 768 && n == 3072;
        add(rows, new Product(Form.NN, m, n, k), LAYER, small || wide);
        add(rows, new Product(Form.NT, m, n, k), LAYER, small || k == 2048 && n == 2048);
        add(rows, new Product(Form.TN, m, n, k), NATIVE, small);
        rows.add(new Row(new Product(Form.PACKED, m, n, k), PACKED_OF_PEAK, Limits.PEAK, small || wide));
    }

    private static void add(List<Row> rows, Work work, double target, boolean quick) {
        rows.add(new Row(work, target, null, quick));
    }
}
