package app;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.lorikeet.langchain4j.LorikeetEmbeddingModel;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import java.util.List;

public final class Nearest {
    public static void main(String[] arguments) {
        var embedder = Embedder.of(Model.load("all-MiniLM-L6-v2"), EmbeddingHead.Pooling.MEAN, true);
        EmbeddingModel model = LorikeetEmbeddingModel.of(embedder);

        var question = model.embed("an animal that needs a doctor").content();
        for (String text : List.of("the cat is ill", "buy milk", "the meeting is on Friday")) {
            var answer = model.embed(TextSegment.from(text)).content();
            System.out.printf("%.3f  %s%n", CosineSimilarity.between(question, answer), text);
        }
    }
}
