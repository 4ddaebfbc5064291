package dev.lorikeet.transformer.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens drawn among those that may come, of real vocabularies' kinds. */
class ConstraintTest {
    private static final String SCHEMA = """
            {"type": "object", "properties": {"name": {"type": "string", "maxLength": 6}, "age": {"type": "integer"},
             "tags": {"type": "array", "items": {"enum": ["ä", "b"]}, "maxItems": 3}},
             "required": ["name", "age"], "additionalProperties": false}""";

    private static Tokenizer tokenizer(String family) {
        return Tokenizer.load(Path.of(System.getProperty("lorikeet.basedir", ""), "fixtures/tokenizers", family,
                "tokenizer.json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytelevel_gpt2", "llama2", "qwen2"})
    void whateverIsDrawnIsOfTheForm(String family) {
        Tokenizer tokenizer = tokenizer(family);
        TokenBytes bytes = new TokenBytes(tokenizer);
        Path source = Path.of("schema");
        TextForm form = TextForm.jsonSchema(new JsonObject(source, "", Json.readObject(SCHEMA, source)));
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        Constraint constraint = new Constraint(form, bytes);
        for (int i = 0; i < 100; i++) {
            String text = draw(constraint, bytes, random);
            assertThat(form.matches(text)).as(text).isTrue();
            JsonObject value = new JsonObject(source, "", Json.readObject(text, source));
            assertThat(value.string("name").codePointCount(0, value.string("name").length())).isLessThanOrEqualTo(6);
            assertThat(value.fields().get("age")).isInstanceOf(Number.class);
        }
    }

    private static String draw(Constraint constraint, TokenBytes bytes, RandomGenerator random) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int state = constraint.start();
        while (!constraint.mustEnd(state) && !(constraint.mayEnd(state) && random.nextBoolean())) {
            BitSet allowed = constraint.allowed(state);
            int nth = random.nextInt(allowed.cardinality());
            int token = allowed.stream().skip(nth).findFirst().orElseThrow();
            text.writeBytes(bytes.of(token));
            state = constraint.next(state, token);
        }
        assertThat(constraint.mayEnd(state)).isTrue();
        return text.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytelevel_gpt2", "llama2", "llama3", "unigram_t5", "wordpiece_uncased"})
    void theBytesOfTokensAreTheirText(String family) {
        Tokenizer tokenizer = tokenizer(family);
        for (String text : List.of("a cat, 10 dogs.", "a mountain of words", "a naïve 漢字 😀")) {
            int[] ids = tokenizer.withoutSpecialTokens().encode(text, 1000).ids();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            List<Integer> known = new ArrayList<>();
            for (int id : ids) {
                bytes.writeBytes(tokenizer.bytes(id));
                known.add(id);
            }
            // the first token has a space before it where the tokenizer puts one
            assertThat(bytes.toString(StandardCharsets.UTF_8).strip()).as("%s of %s", known, text)
                    .isEqualTo(tokenizer.decode(ids, false).strip());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "bytelevel_gpt2")
    void whatMayNotComeIsRefused(String family) {
        Tokenizer tokenizer = tokenizer(family);
        Constraint constraint = new Constraint(TextForm.regex("b+"), new TokenBytes(tokenizer));
        int b = tokenizer.encode("b", 9).ids()[0];
        int c = tokenizer.encode("c", 9).ids()[0];
        assertThat(constraint.allowed(constraint.start()).get(b)).isTrue();
        assertThat(constraint.mayEnd(constraint.start())).isFalse();
        assertThat(constraint.mayEnd(constraint.next(constraint.start(), b))).isTrue();
        assertThatThrownBy(() -> constraint.next(constraint.start(), c)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("token " + c + " may not come here");
    }
}
