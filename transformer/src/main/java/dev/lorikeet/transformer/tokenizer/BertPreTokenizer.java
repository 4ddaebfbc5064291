package dev.lorikeet.transformer.tokenizer;

import java.util.function.Consumer;

/** {@code BertPreTokenizer}: words are what stands between white space, and each punctuation mark is a word. */
final class BertPreTokenizer {
    private BertPreTokenizer() {}

    static void split(String text, Consumer<String> words) {
        int start = 0; // of the word that is being read
        for (int i = 0; i < text.length();) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            boolean punctuation = BertCharacters.isPunctuation(c);
            if (punctuation || BertCharacters.isWhitespace(c)) {
                if (start < i) {
                    words.accept(text.substring(start, i));
                }
                if (punctuation) {
                    words.accept(text.substring(i, end));
                }
                start = end;
            }
            i = end;
        }
        if (start < text.length()) {
            words.accept(text.substring(start));
        }
    }
}
