package dev.lorikeet.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.bench.peers.Work.Form;
import dev.lorikeet.bench.peers.Work.Operation;
import dev.lorikeet.bench.peers.Work.Product;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our side of the comparison does what it says, in plain doubles. */
class LorikeetTest {
    private static final int M = 9;
    private static final int N = 70;
    private static final int K = 33;

    @ParameterizedTest
    @EnumSource
    void productsOfAllForms(Form form) {
        float[] a = Inputs.uniform(1, M * K);
        float[] b = Inputs.uniform(2, K * N);
        float[] c = new float[M * N];
        for (int i = 0; i < M; i++) {
            for (int j = 0; j < N; j++) {
                double sum = 0;
                for (int p = 0; p < K; p++) {
                    double left = form == Form.TN ? a[p * M + i] : a[i * K + p];
                    sum += left * (form == Form.NN || form == Form.TN ? b[p * N + j] : b[j * K + p]);
                }
                c[i * N + j] = (float) sum;
            }
        }
        assertThat(digest(new Product(form, M, N, K))).isCloseTo(Digest.of(c), within(1e-6 * Digest.of(c)));
    }

    @ParameterizedTest
    @EnumSource(names = {"EXP", "TANH", "SOFTMAX"})
    void operations(Operation operation) {
        float[] x = Inputs.uniform(1, M * K);
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            double sum = 0;
            for (int j = 0; j < K; j++) {
                sum += Math.exp(x[i / K * K + j]);
            }
            y[i] = (float) switch (operation) {
                case EXP -> Math.exp(x[i]);
                case TANH -> Math.tanh(x[i]);
                default -> Math.exp(x[i]) / sum;
            };
        }
        assertThat(digest(new Work.Map(operation, M, K))).isCloseTo(Digest.of(y), within(1e-6 * Digest.of(y)));
    }

    @Test
    void tokensOfAText(@TempDir Path directory) throws IOException {
        Path recorded = Path.of(System.getProperty("lorikeet.fixtures")).resolve("runs/roberta/tokenizer.json");
        Path text = directory.resolve("a.txt");
        Files.writeString(text, "The bird sang.\n\nThe river ends.\n");
        Tokenizer tokenizer = Tokenizer.load(recorded);
        double sum = Stream.of("The bird sang.", "", "The river ends.")
                .flatMapToInt(line -> IntStream.of(tokenizer.encode(line, 99).ids())).sum();
        Work work = new Work.Tokens(recorded, text);
        assertThat(work.amount()).isEqualTo(32);
        assertThat(digest(work, 1)).isEqualTo(sum);
    }

    private static double digest(Work work) {
        return digest(work, 2);
    }

    private static double digest(Work work, int threads) {
        try (Lorikeet engine = new Lorikeet(); Task task = Objects.requireNonNull(engine.prepare(work, threads))) {
            task.run();
            return task.digest();
        }
    }
}
