package dev.lorikeet.transformer.tokenizer;

import dev.lorikeet.transformer.io.JsonObject;
import java.util.function.Consumer;

/** What becomes of the delimiters at which a text is cut. */
enum SplitBehavior {
    /** They are left out. */
    REMOVED,
    /** Each is a word. */
    ISOLATED,
    /** Each goes with what stands before it, unless that is a delimiter too. */
    MERGED_WITH_PREVIOUS,
    /** Each goes with what stands behind it, unless that is a delimiter too. */
    MERGED_WITH_NEXT,
    /** Those that touch are one word. */
    CONTIGUOUS;

    static SplitBehavior of(JsonObject json) {
        String name = json.string("behavior");
        return switch (name) {
            case "Removed" -> REMOVED;
            case "Isolated" -> ISOLATED;
            case "MergedWithPrevious" -> MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> MERGED_WITH_NEXT;
            case "Contiguous" -> CONTIGUOUS;
            default -> throw json.error("behavior", name + " is not supported");
        };
    }

    /** @param find gives the pieces of the text from {@code from} to {@code to} */
    void split(NormalizedString text, int from, int to, PreTokenizer.Words words, Consumer<PreTokenizer.Pieces> find) {
        switch (this) {
            case ISOLATED -> find.accept((start, end, _) -> emit(text, start, end, words));
            case REMOVED -> find.accept((start, end, match) -> emit(text, start, match ? start : end, words));
            default -> {
                Merging merging = new Merging(text, from, words);
                find.accept(merging);
                emit(text, merging.start, to, words);
            }
        }
    }

    private static void emit(NormalizedString text, int from, int to, PreTokenizer.Words words) {
        if (from < to) {
            words.word(text, from, to);
        }
    }

    /** Puts pieces together: gives a word as soon as the next piece does not belong to it. */
    private final class Merging implements PreTokenizer.Pieces {
        private final NormalizedString text;
        private final PreTokenizer.Words words;
        private int start; // of the word that may go on
        private int end;
        private boolean previous; // whether the last piece was a delimiter

        private Merging(NormalizedString text, int from, PreTokenizer.Words words) {
            this.text = text;
            this.start = from;
            this.end = from;
            this.words = words;
        }

        @Override
        public void piece(int from, int to, boolean match) {
            boolean joins = switch (SplitBehavior.this) {
                case MERGED_WITH_PREVIOUS -> match && !previous;
                case MERGED_WITH_NEXT -> previous && !match;
                default -> match == previous;
            };
            if (!joins && start < end) {
                words.word(text, start, end);
                start = end;
            }
            end = to;
            previous = match;
        }
    }
}
