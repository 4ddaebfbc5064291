package dev.lorikeet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The public API is made on purpose: a change of it shows in docs/api. */
class PublicApiTest {
    private static final String UPDATE = "lorikeet.api.update";
    private static final Path FOLDER = Path.of(System.getProperty("lorikeet.basedir"), "docs", "api");

    @ParameterizedTest
    @ValueSource(strings = {"tensor", "autograd", "transformer", "lora"})
    void aChangeOfThePublicApiIsWrittenDown(String module) throws IOException, ClassNotFoundException {
        List<String> lines = PublicApi.of(ProductModules.descriptor(module)).stream().map(PublicApi::brief).toList();
        Path file = FOLDER.resolve(module + ".txt");
        if (Boolean.getBoolean(UPDATE)) {
            Files.createDirectories(FOLDER);
            Files.write(file, lines);
        }
        List<String> recorded = Files.readAllLines(file);
        String how = "in " + file + ", which this test writes with -D" + UPDATE + "=true, as CONTRIBUTING.md shows";
        assertThat(without(recorded, lines)).as("new, and not " + how).isEmpty();
        assertThat(without(lines, recorded)).as("gone, and still " + how).isEmpty();
        assertThat(lines).as("the order " + how).isNotEmpty().isEqualTo(recorded);
    }

    /** But for the seam between what computes and its inner loops, which only our own modules use. */
    @Test
    void applicationsCanNameAllThatTheyMeet() throws IOException, ClassNotFoundException {
        List<String> hidden = new ArrayList<>();
        for (String module : ProductModules.NAMES) {
            for (String line : PublicApi.of(ProductModules.descriptor(module))) {
                if (line.matches(".*\\bdev\\.lorikeet\\.tensor\\.(kernel|linalg|packed)\\..*")) {
                    hidden.add(PublicApi.brief(line).strip());
                }
            }
        }
        assertThat(hidden).containsExactly("void apply(Kernels,int,float[],int,float[],int)",
                "abstract Kernels kernels()");
    }

    private static List<String> without(List<String> these, List<String> lines) {
        return lines.stream().filter(line -> !these.contains(line)).map(String::strip).toList();
    }
}
