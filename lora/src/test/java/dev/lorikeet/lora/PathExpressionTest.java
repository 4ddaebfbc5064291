package dev.lorikeet.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathExpressionTest {
    private static final String Q = "model.layers.3.self_attn.q_proj";
    private static final String LONG = Q.repeat(8);

    /**
     * What CPython's re answers to random expressions, legal ones and others; {@code python_regexes.py} beside them.
     */
    @Test
    void whatIsReadMeansTheSameToPython() throws IOException {
        List<String> lines = recorded();
        List<String> paths = List.of(lines.getFirst().split("\t"));
        int[] read = new int[3];
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.split("\t");
            read[0] += agrees(fields[0], fields[1], paths, PathExpression::ofPath, PathExpressionTest::bit);
            read[1] += agrees(fields[0], fields[2], paths, PathExpression::ofEnd, PathExpressionTest::bit);
            read[2] += agrees(fields[0], fields[3], paths, PathExpression::ofBlock, PathExpression::blockOf);
        }
        assertThat(read).as("how many of 500 are read").satisfies(
                counts -> assertThat(Arrays.stream(counts)).allMatch(count -> count > 100));
    }

    private static int agrees(String regex, String recorded, List<String> paths,
            Function<String, PathExpression> reader, BiFunction<PathExpression, String, Integer> answer) {
        PathExpression expression;
        try {
            expression = reader.apply(regex);
        } catch (InputException e) {
            return 0;
        }
        assertThat(paths.stream().map(path -> answer.apply(expression, path).toString())
                .collect(Collectors.joining(" "))).as(regex).isEqualTo(recorded);
        return 1;
    }

    private static int bit(PathExpression expression, String path) {
        return expression.matches(path) ? 1 : 0;
    }

    private static List<String> recorded() throws IOException {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(Objects.requireNonNull(
                PathExpressionTest.class.getResourceAsStream("python_regexes.tsv")), StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            .*\\.(?P<kind>[qkv])_proj      ; true
            .*self_attn\\.\\w{,30}         ; true
            .*layers\\.([0-9]|1\\d)\\..*   ; true
            (?i).*Q_PROJ$                  ; true
            ^(?!.*visual)(?=.*attn).*_proj ; true
            .*\\.[kv]_proj                 ; false
            """)
    void readsWhatPeftsUsersWrite(String regex, boolean matches) {
        assertThat(PathExpression.ofPath(regex).matches(Q)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            .*\\.(q|[u-v&&[^u]])_proj      ; &&
            [a-c[x]]                       ; within a set of characters [
            [a--b]                         ; --
            \\p{Lower}                     ; \\p
            \\Qabc                         ; \\Q
            a\\E                           ; \\E
            \\Gq                           ; \\G
            \\z                            ; \\z
            \\h\\R                         ; \\h
            \\ca                           ; \\c
            \\x{41}                        ; \\x
            (.*)\\1                        ; \\1
            [\\b]                          ; \\b
            (?<n>q)                        ; (?P<name>…)
            (?<=a)b                        ; (?<=a)b
            (?>a)                          ; (?>a)
            (?P=n)                         ; (?P=n)
            (?#c)a                         ; (?#c)
            a(?i)b                         ; (?i)b
            (?x)a                          ; (?x)
            (?i)(?s)a                      ; (?s)
            a++                            ; possessive
            a**                            ; one repetition after another
            *a                             ; nothing to repeat before *a
            {2}                            ; nothing to repeat before {2}
            ^*                             ; may be empty is not repeated: ^
            (a|b?)+                        ; may be empty is not repeated: (a|b?)
            a{3,2}                         ; at least 3
            a{2001}                        ; repeats too much
            (a{50}){50}                    ; repeats too much
            a{99999999999}                 ; repeats too much
            (?P<n>a)(?P<n>b)               ; two groups have the name n
            ((((((((((a))))))))))          ; more than 8 deep
            (a                             ; not closed
            a)                             ; was not opened
            [a                             ; not closed
            [^]                            ; not closed
            [z-a]                          ; a range goes
            [\\d-z]                        ; a range goes
            a\\                            ; after the last
            é                              ; ASCII
            """)
    void refusesByNameWhatJavaAndPythonReadApart(String regex, String reason) {
        assertThatThrownBy(() -> PathExpression.ofPath(regex)).isInstanceOf(InputException.class)
                .hasMessageStartingWith("\"" + regex + "\" is not a regular expression that is read: ")
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> PathExpression.ofEnd(regex)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> PathExpression.ofBlock(regex)).isInstanceOf(InputException.class);
    }

    @Test
    void anExpressionWithinAnotherOneIsWhole() {
        assertThat(PathExpression.ofEnd("k_proj|q_proj").matches(Q)).isTrue();
        assertThat(PathExpression.ofEnd("proj").matches(Q)).isFalse();
        assertThat(PathExpression.ofBlock("(h|layers)").blockOf(Q)).isEqualTo(3);
        assertThat(PathExpression.ofAnyBlock().blockOf(Q)).isEqualTo(3);
        assertThat(PathExpression.ofBlock("h").blockOf(Q)).isEqualTo(-1);
        assertThatThrownBy(() -> PathExpression.ofEnd("(?i)Q_PROJ")).hasMessageContaining("flags");
        assertThatThrownBy(() -> PathExpression.ofBlock("(?i)H")).hasMessageContaining("flags");
        assertThatThrownBy(() -> PathExpression.ofBlock("h|layers")).hasMessageContaining("put brackets around it");
        assertThatThrownBy(() -> PathExpression.ofBlock("(?P<idx>h)")).hasMessageContaining("PEFT's own");
    }

    @Test
    void anotherPathIsAdded() {
        PathExpression expression = PathExpression.ofPath("(?i).*K|.*Q").or("bert.pooler");
        assertThat(expression).hasToString("(?i)(?:.*K|.*Q)|^bert\\.pooler");
        assertThat(List.of("a.q", "a.k", "bert.pooler")).allMatch(expression::matches);
        assertThat(expression.matches("bert.pooler.k.v")).isFalse();
    }

    @Test
    void endsWhateverTheExpression() {
        assertThatThrownBy(() -> PathExpression.ofPath("a".repeat(1025)))
                .hasMessage("\"" + "a".repeat(60) + "…\" is not a regular expression that is read: "
                        + "1025 characters are more than the 1024 that are read");
        assertThatThrownBy(() -> PathExpression.ofPath("(.+.+)+X").matches(LONG)).isInstanceOf(InputException.class)
                .hasMessageContaining("takes more than 200000 steps on " + Q);
    }

    /** As deep as an expression may be, on a path longer than any: the stack of a thread is enough. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            ((((((((a|b|[a-z._0-9]))))))))*
            (a|[a-z._0-9]){1000}
            (?:a?b?c?d?e?f?g?h?i?j?k?l?m?n?o?p?q?r?s?t?u?v?w?x?y?z?|.+)
            (((((((a|.)+X?)+Y?)+Z?)+|b)+|c)+|d)+
            """)
    void needsNoMoreStackThanThereIs(String regex) throws InterruptedException {
        boolean[] done = new boolean[1];
        Thread thread = new Thread(null, () -> {
            done[0] = ends(regex);
        }, "small", 1 << 20);
        thread.start();
        thread.join();
        assertThat(done[0]).isTrue();
    }

    private static boolean ends(String regex) {
        try {
            PathExpression.ofPath(regex).matches(LONG);
        } catch (InputException e) {
            assertThat(e).hasMessageContaining("steps");
        }
        return true;
    }

    @Test
    void isEqualWhereTheExpressionIs() {
        assertThat(PathExpression.ofPath("(?i)a.b")).isEqualTo(PathExpression.ofPath("(?i)a.b"))
                .hasSameHashCodeAs(PathExpression.ofPath("(?i)a.b")).hasToString("(?i)a.b")
                .isNotEqualTo(PathExpression.ofPath("a.b")).isNotEqualTo(PathExpression.ofEnd("a.b"));
    }
}
