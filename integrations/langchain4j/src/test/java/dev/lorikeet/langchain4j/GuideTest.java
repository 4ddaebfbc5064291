package dev.lorikeet.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import app.Nearest;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's program with LangChain4j writes what the guide says. */
class GuideTest {
    private static final Path GUIDE = Path.of(System.getProperty("lorikeet.basedir"), "docs/guide.md");

    @Test
    void theNearestTextIsTheOneThatAnswers(@TempDir Path work) throws Exception {
        assertThat(BuiltInModels.directory("all-MiniLM-L6-v2")).isDirectory(); // where the program finds it, too
        Path out = work.resolve("out.txt");
        Path err = work.resolve("err.txt");
        int status = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules", "jdk.incubator.vector", "-Duser.language=en", "-cp",
                System.getProperty("java.class.path"), Nearest.class.getName()).directory(work.toFile())
                .redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
        assertThat(status).as(Files.readString(err)).isZero();
        assertThat(Files.readString(GUIDE)).contains("```\n" + Files.readString(out) + "```\n");
    }
}
