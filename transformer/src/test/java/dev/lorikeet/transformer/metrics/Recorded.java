package dev.lorikeet.transformer.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.metrics.ClassScores.Score;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.ThrowingConsumer;

/** What another tool said of one case: its fields are lists, and null where the tool said NaN. */
record Recorded(JsonObject fields) {
    static final double ROUNDING = 1e-12;

    /** A test for each case in {@code list} of a file: the repository's, whatever set other tests are given. */
    static Stream<DynamicTest> tests(String file, String list, ThrowingConsumer<Recorded> check) {
        Path path = Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures/metrics", file);
        List<JsonObject> cases = JsonObject.read(path).objects(list);
        assertThat(cases).hasSizeGreaterThan(2);
        return cases.stream()
                .map(each -> DynamicTest.dynamicTest(each.string("name"), () -> check.accept(new Recorded(each))));
    }

    double number(String name) {
        return fields.has(name) ? fields.number(name) : Double.NaN;
    }

    double[] doubles(String name) {
        return fields.list(name).stream().mapToDouble(each -> ((Number) each).doubleValue()).toArray();
    }

    float[] floats(String name) {
        return floats(fields.list(name));
    }

    float[][] floatRows(String name) {
        return rows(name).stream().map(Recorded::floats).toArray(float[][]::new);
    }

    boolean[] flags(String name) {
        return flags(fields.list(name));
    }

    boolean[][] flagRows(String name) {
        return rows(name).stream().map(Recorded::flags).toArray(boolean[][]::new);
    }

    @SuppressWarnings("unchecked") // the script writes rows of one type
    <T> List<List<T>> rows(String name) {
        return (List<List<T>>) (List<?>) fields.list(name);
    }

    /** A mean is recorded without its support. */
    void assertScore(String name, Score score) {
        assertScore(fields.list(name), score);
    }

    static void assertScore(List<?> recorded, Score score) {
        assertNumber(recorded.get(0), score.precision());
        assertNumber(recorded.get(1), score.recall());
        assertNumber(recorded.get(2), score.f1());
        if (recorded.size() > 3) {
            assertThat(score.support()).isEqualTo(recorded.get(3));
        }
    }

    /** What the tool does not define is 0 with us. */
    private static void assertNumber(Object recorded, double number) {
        assertThat(number).isCloseTo(recorded == null ? 0 : ((Number) recorded).doubleValue(), within(ROUNDING));
    }

    private static float[] floats(List<?> numbers) {
        float[] floats = new float[numbers.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = ((Number) numbers.get(i)).floatValue();
        }
        return floats;
    }

    private static boolean[] flags(List<?> numbers) {
        boolean[] flags = new boolean[numbers.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = numbers.get(i).equals(1);
        }
        return flags;
    }
}
