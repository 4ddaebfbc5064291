package dev.lorikeet.all;

import static org.assertj.core.api.Assertions.assertThat;

import app.First;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's first program, with the guide's data and the jar alone. */
@Tag("slow")
class GuideTest {
    private static final Path GUIDE = Path.of(System.getProperty("lorikeet.basedir"), "docs/guide.md");

    @Test
    void theFirstProgramTrainsAndPredicts(@TempDir Path work) throws Exception {
        assertThat(BuiltInModels.directory("all-MiniLM-L6-v2")).isDirectory(); // where the program finds it, too
        String guide = Files.readString(GUIDE);
        int begin = guide.indexOf("text\tlabel\n");
        Files.writeString(work.resolve("train.tsv"), guide.substring(begin, guide.indexOf("```", begin)));
        Path classes = Path.of(First.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path out = work.resolve("out.txt");
        Path err = work.resolve("err.txt");
        int status = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "-cp", OneJar.PATH + File.pathSeparator + classes,
                First.class.getName()).directory(work.toFile()).redirectOutput(out.toFile())
                .redirectError(err.toFile()).start().waitFor();
        assertThat(status).as(Files.readString(err)).isZero();
        assertThat(Files.readString(out)).startsWith("animal 0.9");
        assertThat(guide).contains("```\n" + Files.readString(out) + "```\n");
        assertThat(work.resolve("out/mine/adapter/adapter_model.safetensors")).isNotEmptyFile();
    }
}
