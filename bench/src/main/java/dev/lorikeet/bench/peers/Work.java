package dev.lorikeet.bench.peers;

import dev.lorikeet.bench.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A piece of work that engines can be asked for. It has a line of text, since most engines are in another process. */
public sealed interface Work {
    /** The line that {@link #parse} reads. */
    String line();

    /** What people call it. */
    String title();

    String shape();

    /** Which of the forms of the work this is; may be empty. */
    String variant();

    Unit unit();

    /** Of one run, in terms of {@link #unit()}. */
    double amount();

    /** How many times as long as other work it may be warmed up: where a run takes long, few fit in. */
    default int warmUps() {
        return 1;
    }

    /** @throws IllegalArgumentException if {@code line} is not one that {@link #line} gives */
    static Work parse(String line) {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "product" -> new Product(Form.valueOf(words[1]), Integer.parseInt(words[2]),
                    Integer.parseInt(words[3]), Integer.parseInt(words[4]));
            case "map" -> new Map(Operation.valueOf(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            case "tokens" -> new Tokens(path(words[1]), path(words[2]));
            case "encoder" -> new Encoder(Pass.valueOf(words[1]), Boolean.parseBoolean(words[2]));
            default -> throw new IllegalArgumentException("no such work: " + line);
        };
    }

    /** How the factors of a product lie in memory; a packed weight is (n, k), for the peers the same as NT. */
    enum Form {
        NN, NT, TN, PACKED;

        /** Whether A is (k, m). */
        public boolean turnsA() {
            return this == TN;
        }

        /** Whether B is (n, k). */
        public boolean turnsB() {
            return this == NT || this == PACKED;
        }
    }

    /** C (m, n) = A·B with sums over k, after op: NN is A (m, k), B (k, n); NT has B (n, k); TN has A (k, m). */
    record Product(Form form, int m, int n, int k) implements Work {
        private static final int RANK = 8;
        private static final int HIGHEST_RANK = 64;

        @Override
        public String line() {
            return "product " + form + " " + m + " " + n + " " + k;
        }

        @Override
        public String title() {
            if (m == 1) {
                return "decode";
            }
            if (m == RANK) {
                return "adapter's gradient";
            }
            int rank = Math.min(n, k);
            return rank <= HIGHEST_RANK ? "matmul of rank " + rank
                    : form == Form.PACKED ? "matmul, weight packed once" : "matmul";
        }

        /** As in tables of matrix products: m, k, n. */
        @Override
        public String shape() {
            return m + " x " + k + " x " + n;
        }

        @Override
        public String variant() {
            return form == Form.PACKED ? "packed" : form.name();
        }

        @Override
        public Unit unit() {
            return m == 1 ? Unit.BANDWIDTH : Unit.GFLOPS;
        }

        @Override
        public double amount() {
            return m == 1 ? 4.0 * n * k : 2.0 * m * n * k;
        }
    }

    /** The operations of {@link Map}. */
    enum Operation {
        EXP("exp"), TANH("tanh"), GELU("GELU (erf)"), SOFTMAX("softmax"), LAYER_NORM("layer norm");

        private final String title;

        Operation(String title) {
            this.title = title;
        }
    }

    /** (rows, columns) to the same, element by element or row by row. */
    record Map(Operation operation, int rows, int columns) implements Work {
        @Override
        public String line() {
            return "map " + operation + " " + rows + " " + columns;
        }

        @Override
        public String title() {
            return operation.title;
        }

        @Override
        public String shape() {
            return rows + " x " + columns;
        }

        @Override
        public String variant() {
            return "";
        }

        @Override
        public Unit unit() {
            return Unit.ELEMENTS;
        }

        @Override
        public double amount() {
            return (double) rows * columns;
        }
    }

    private static Path path(String word) {
        return Path.of(URLDecoder.decode(word, StandardCharsets.UTF_8));
    }

    /**
     * The lines of a text as tokens, one after the other.
     *
     * @param tokenizer a {@code tokenizer.json}
     * @param text in UTF-8
     */
    record Tokens(Path tokenizer, Path text) implements Work {
        /** The engine that does no other work. */
        public static final String ENGINE = "tokenizers";

        public Tokens {
            tokenizer = tokenizer.toAbsolutePath();
            text = text.toAbsolutePath();
        }

        @Override
        public int warmUps() {
            return 10;
        }

        /** The lines. */
        public List<String> lines() {
            try {
                return Files.readAllLines(text);
            } catch (IOException e) {
                throw new UncheckedIOException(text.toString(), e);
            }
        }

        @Override
        public String line() {
            return "tokens " + URLEncoder.encode(tokenizer.toString(), StandardCharsets.UTF_8) + " "
                    + URLEncoder.encode(text.toString(), StandardCharsets.UTF_8);
        }

        @Override
        public String title() {
            return "tokenizer";
        }

        @Override
        public String shape() {
            return String.valueOf(tokenizer.resolveSibling("").getFileName());
        }

        @Override
        public String variant() {
            return String.valueOf(text.getFileName());
        }

        @Override
        public Unit unit() {
            return Unit.MEGABYTES;
        }

        @Override
        public double amount() {
            try {
                return Files.size(text);
            } catch (IOException e) {
                throw new UncheckedIOException(text.toString(), e);
            }
        }
    }

    /** The passes of {@link Encoder}. */
    enum Pass {
        FORWARD("encoder forward"), STEP("LoRA step"), STEP_QUERY_VALUE("LoRA step, query and value");

        private final String title;

        Pass(String title) {
            this.title = title;
        }
    }

    /**
     * MiniLM on a batch: the forward pass, or a step of training with rsLoRA of rank 8 (forward, backward, AdamW).
     *
     * @param ragged WordNet's definitions as they are, which the peers pad; else sequences of one length
     */
    record Encoder(Pass pass, boolean ragged) implements Work {
        @Override
        public String line() {
            return "encoder " + pass + " " + ragged;
        }

        @Override
        public String title() {
            return pass.title;
        }

        @Override
        public String shape() {
            return ragged ? Batches.RAGGED + " definitions" : Batches.FULL + " x " + Batches.LENGTH;
        }

        @Override
        public String variant() {
            return ragged ? "ragged" : "full";
        }

        @Override
        public Unit unit() {
            return Unit.MILLISECONDS;
        }

        @Override
        public double amount() {
            return ragged ? Batches.COUNT : 1;
        }
    }

    /** The title, shape and variant. */
    default String name() {
        return (title() + " " + shape() + " " + variant()).strip();
    }
}
