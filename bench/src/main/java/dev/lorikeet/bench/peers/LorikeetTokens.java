package dev.lorikeet.bench.peers;

import dev.lorikeet.transformer.tokenizer.Tokenizer;
import java.util.List;
import java.util.stream.IntStream;

/** The lines of a text as tokens. */
final class LorikeetTokens implements Task {
    private final Tokenizer tokenizer;
    private final List<String> lines;

    LorikeetTokens(Work.Tokens work) {
        tokenizer = Tokenizer.load(work.tokenizer());
        lines = work.lines();
    }

    @Override
    public void run() {
        lines.forEach(line -> tokenizer.encode(line, Integer.MAX_VALUE));
    }

    @Override
    public double digest() {
        return lines.stream().flatMapToInt(line -> IntStream.of(tokenizer.encode(line, Integer.MAX_VALUE).ids()))
                .asDoubleStream().sum();
    }
}
