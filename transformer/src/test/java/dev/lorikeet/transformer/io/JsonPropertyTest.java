package dev.lorikeet.transformer.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Apart from {@link JsonTest}, since another test engine runs it. */
class JsonPropertyTest {
    private static final Path SOURCE = Path.of("a.json");

    @Property(tries = 200)
    void whatIsWrittenIsReadAgain(@ForAll("objects") Map<String, Object> object) {
        assertThat(Json.readObject(Json.write(object), SOURCE)).isEqualTo(object);
        assertThat(Json.readLine(Json.writeLine(object), SOURCE, 1)).isEqualTo(object);
        assertThat(Json.writeLine(object).lines()).hasSize(1);
    }

    @Provide
    static Arbitrary<Map<String, Object>> objects() {
        Arbitrary<Object> leaves = Arbitraries.oneOf(Arbitraries.strings().ofMaxLength(20),
                Arbitraries.integers(), Arbitraries.longs().greaterOrEqual(1L << 31),
                Arbitraries.doubles(), Arbitraries.of(true, false), Arbitraries.just(null));
        Arbitrary<String> names = Arbitraries.strings().ofMaxLength(10);
        Arbitrary<Object> values = Arbitraries.oneOf(leaves, leaves.list().ofMaxSize(4),
                Arbitraries.maps(names, leaves).ofMaxSize(4));
        return Arbitraries.maps(names, values).ofMaxSize(6);
    }
}
