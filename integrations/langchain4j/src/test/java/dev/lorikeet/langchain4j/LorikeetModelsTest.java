package dev.lorikeet.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.classification.ScoredLabel;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.spi.model.embedding.EmbeddingModelFactory;
import dev.lorikeet.transformer.data.TextPair;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.Reading;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each model gives what the library gives, in LangChain4j's words. */
class LorikeetModelsTest {
    private static final Model MINI_LM = Model.load("all-MiniLM-L6-v2");
    private static final List<String> TEXTS = List.of("a cat sleeps", "an oak grows", "shares fell on Friday");

    private final Embedder embedder = Embedder.of(MINI_LM, EmbeddingHead.Pooling.MEAN, true);

    @Test
    void embeddingsAreTheLibrarys() {
        EmbeddingModel model = LorikeetEmbeddingModel.of(embedder);
        assertThat(model.embedAll(TEXTS.stream().map(TextSegment::from).toList()).content())
                .extracting(Embedding::vector).containsExactly(embedder.embed(TEXTS));
        assertThat(model.dimension()).isEqualTo(384);
        assertThat(model.modelName()).isEqualTo(embedder.id());
        assertThatThrownBy(() -> model.embed(EmbeddingRequest.builder().input("cat").dimensions(1000).build()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1000 of 384");
    }

    /** Beside that of the jar which has the model. */
    @Test
    void theFactoryIsFound() {
        assertThat(ServiceLoader.load(EmbeddingModelFactory.class))
                .filteredOn(LorikeetEmbeddingModelFactory.class::isInstance).singleElement()
                .satisfies(factory -> assertThat(factory.create().embed("a cat sleeps").content().vector())
                        .isEqualTo(embedder.embed("a cat sleeps")));
    }

    @Test
    void classesComeWithTheirProbabilities(@TempDir Path run) {
        TaskModel<String, Integer, List<Prediction>> tuned = TaskModel.of(MINI_LM,
                Tasks.classification(Reading.TEXT, List.of("animal", "plant", "money")), 7);
        tuned.save(run);
        LorikeetTextClassifier classifier = LorikeetTextClassifier.of(TaskModel.load(run));
        for (String text : TEXTS) {
            List<Prediction> expected = tuned.predict(text);
            assertThat(classifier.classifyWithScores(text).scoredLabels())
                    .isEqualTo(expected.stream().map(each -> new ScoredLabel<>(each.label(), each.probability()))
                            .toList());
            assertThat(classifier.classify(text)).containsExactly(expected.getFirst().label());
        }
        assertThatThrownBy(() -> LorikeetScoringModel.of(tuned, "plant")).isInstanceOf(InputException.class)
                .hasMessageEndingWith("is for the task sequence-classification of texts, sequence-classification of "
                        + "pairs is expected");
    }

    @Test
    void pairsAreScoredByAClass() {
        TaskModel<TextPair, Integer, List<Prediction>> tuned = TaskModel.of(MINI_LM,
                Tasks.classification(Reading.PAIR, List.of("no", "yes")), 7);
        LorikeetScoringModel scoring = LorikeetScoringModel.of(tuned, "yes");
        List<Double> scores = scoring.scoreAll(TEXTS.stream().map(TextSegment::from).toList(), "animals").content();
        assertThat(scores).isEqualTo(TEXTS.stream().map(text -> tuned.predict(new TextPair("animals", text)))
                .map(all -> (double) all.stream().filter(each -> each.label().equals("yes")).findFirst().orElseThrow()
                        .probability())
                .toList()).doesNotHaveDuplicates();
        assertThatThrownBy(() -> LorikeetScoringModel.of(tuned, "perhaps")).isInstanceOf(InputException.class)
                .hasMessage("scoring: the class perhaps is none of no, yes");
    }

    @Test
    void tokensAreCounted() {
        LorikeetTokenCountEstimator tokens = LorikeetTokenCountEstimator.of(MINI_LM);
        assertThat(tokens.estimateTokenCountInText("a cat sleeps")).isEqualTo(3);
        assertThat(tokens.estimateTokenCountInMessages(List.of(UserMessage.from("a cat sleeps"),
                UserMessage.from("an oak grows")))).isEqualTo(6);
    }

    @Test
    void whatDoesNotChatIsRefused() {
        assertThatThrownBy(() -> LorikeetChatModel.of(MINI_LM)).isInstanceOf(InputException.class)
                .hasMessageContaining("BertModel");
        assertThatThrownBy(() -> Chat.message(dev.langchain4j.data.message.ToolExecutionResultMessage.from("1", "t",
                "r"))).isInstanceOf(UnsupportedFeatureException.class);
    }
}
