package dev.lorikeet.bench.peers.engines;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.lorikeet.bench.peers.Engine;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Hugging Face's {@code tokenizers} through DJL, which makes Java's objects of ids, tokens and ranges. */
final class HuggingFaceTokenizers implements Engine {
    @Override
    public String name() {
        return Work.Tokens.ENGINE;
    }

    @Override
    public String kernel() {
        return "Hugging Face's, on one thread, through DJL";
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        return work instanceof Work.Tokens tokens && threads == 1 ? new Lines(tokens) : null;
    }

    private static final class Lines implements Task {
        private final HuggingFaceTokenizer tokenizer;
        private final List<String> lines;

        Lines(Work.Tokens work) {
            lines = work.lines();
            try {
                tokenizer = HuggingFaceTokenizer.builder().optTokenizerPath(work.tokenizer()).optPadding(false)
                        .optTruncation(false).build();
            } catch (IOException e) {
                throw new UncheckedIOException(work.tokenizer().toString(), e);
            }
        }

        @Override
        public void run() {
            lines.forEach(tokenizer::encode);
        }

        @Override
        public double digest() {
            return lines.stream().flatMapToLong(line -> LongStream.of(tokenizer.encode(line).getIds()))
                    .asDoubleStream().sum();
        }

        @Override
        public void close() {
            tokenizer.close();
        }
    }
}
