package dev.lorikeet.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.lorikeet.transformer.model.EmbeddingHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Embedder;
import java.util.List;

/** LangChain4j's own tests of embedding models. There are no images here, which the kit then tests. */
class EmbeddingModelKitTest extends AbstractEmbeddingModelIT {
    private static final LorikeetEmbeddingModel MODEL = LorikeetEmbeddingModel.of(Embedder.of(
            Model.load("all-MiniLM-L6-v2"), EmbeddingHead.Pooling.MEAN, true)).withPrefixes("query: ", "passage: ");

    @Override
    protected List<EmbeddingModel> models() {
        return List.of(MODEL);
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
        return MODEL.addListener(listener);
    }

    /** 10,000 dimensions are not there. */
    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
        return new Failing(MODEL.addListener(listener));
    }

    @Override
    protected boolean supportsImageInput() {
        return false;
    }

    /** Asks for more dimensions than there are, whatever is asked of it. */
    private record Failing(EmbeddingModel model) implements EmbeddingModel {
        @Override
        public dev.langchain4j.model.embedding.response.EmbeddingResponse embed(
                dev.langchain4j.model.embedding.request.EmbeddingRequest request) {
            return model.embed(dev.langchain4j.model.embedding.request.EmbeddingRequest.builder()
                    .inputs(request.inputs()).dimensions(10_000).build());
        }
    }
}
