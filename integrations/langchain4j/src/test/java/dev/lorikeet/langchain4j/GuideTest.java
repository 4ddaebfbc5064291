package dev.lorikeet.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import app.Nearest;
import dev.langchain4j.classification.TextClassifier;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's program with LangChain4j writes what the guide says. */
class GuideTest {
    private static final Path GUIDE = Path.of(System.getProperty("lorikeet.basedir"), "docs/guide.md");

    /** Compiled alone: these runs are nowhere. {@code LorikeetModelsTest} and the kits have others. */
    static List<Object> models() {
        EmbeddingModel embeddings = LorikeetEmbeddingModel.of(Embedder.of(TaskModel.load(Path.of("out/mine"))));
        ScoringModel scoring = LorikeetScoringModel.of(TaskModel.load(Path.of("out/pairs")), "yes");
        TextClassifier<String> classes = LorikeetTextClassifier.of(TaskModel.load(Path.of("out/classes")));
        ChatModel chat = LorikeetChatModel.of(Model.load(Path.of("smollm2.gguf")));
        return List.of(embeddings, scoring, classes, chat);
    }

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
