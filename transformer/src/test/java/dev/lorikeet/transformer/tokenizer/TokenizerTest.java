package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerTest {
    private static final String FILE = """
            {"version": "1.0", "truncation": {"max_length": 4}, "padding": {"strategy": {"Fixed": 128}},
             "added_tokens": [
              {"id": 1, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
               "special": true},
              {"id": 7, "content": "Tag", "single_word": true, "lstrip": true, "rstrip": false, "normalized": true,
               "special": false}],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
              "strip_accents": null, "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 0]},
             "decoder": {"type": "WordPiece"},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
              "max_input_chars_per_word": 8,
              "vocab": {"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "lori": 3, "##keet": 4, "##k": 5, "!": 6}}}
            """;

    @TempDir
    private Path directory;

    @Test
    void cutsWordsIntoTheLongestPieces() throws IOException {
        Encoding encoding = load(FILE).encode("Lori\u0301keet! lorik", 512);
        assertThat(encoding.tokens()).containsExactly("[CLS]", "lori", "##keet", "!", "lori", "##k", "[SEP]");
        assertThat(encoding.ids()).containsExactly(0, 3, 4, 6, 3, 5, 1);
    }

    @Test
    void aWordThatCannotBeCutIsUnknownAsAWhole() throws IOException {
        assertThat(load(FILE).encode("lorix lorikeetk lori", 512).tokens()).containsExactly("[CLS]", "[UNK]", "[UNK]",
                "lori", "[SEP]");
    }

    @Test
    void cutsOffTheEndAndKeepsTheSpecialTokens() throws IOException {
        Tokenizer tokenizer = load(FILE);
        assertThat(tokenizer.encode("lorikeet!", 4).tokens()).containsExactly("[CLS]", "lori", "##keet", "[SEP]");
        assertThat(tokenizer.encode("lorikeet!", 2).tokens()).containsExactly("[CLS]", "[SEP]");
        assertThatThrownBy(() -> tokenizer.encode("lorikeet!", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ignoresTheFilesTruncationAndPadding() throws IOException {
        assertThat(load(FILE).encode("! ! ! ! ! !", 512).ids()).hasSize(8);
    }

    @Test
    void findsAddedTokens() throws IOException {
        Encoding encoding = load(FILE).encode("lori TAG[SEP]tagtag", 512);
        assertThat(encoding.tokens()).containsExactly("[CLS]", "lori", " tag", "[SEP]", "[UNK]", "[SEP]");
        assertThat(encoding.ids()).containsExactly(0, 3, 7, 1, 2, 1);
    }

    /** As the library, where it does not break off: what a token has taken along as white space is no other token. */
    @Test
    void whiteSpaceThatOneTokenTookIsNoOther() throws IOException {
        String[] around = FILE.split("\\{\"id\": 7[^}]*}");
        String token = "{\"id\": %d, \"content\": \"%s\", \"single_word\": false, \"lstrip\": %b, \"rstrip\": %b, "
                + "\"normalized\": false, \"special\": false}";
        Tokenizer tokenizer = load(around[0] + token.formatted(7, "<x>", false, true) + ", "
                + token.formatted(8, "\\n", true, false) + around[1]);
        assertThat(tokenizer.encode("<x> \n", 512).tokens()).containsExactly("[CLS]", "<x> \n", "[SEP]");
        assertThat(tokenizer.encode("<x> \n\n\nlori\n", 512).tokens()).containsExactly("[CLS]", "<x> \n\n\n",
                "lori", "\n", "[SEP]");
    }

    @Test
    void dropsUnpairedSurrogates() throws IOException {
        assertThat(load(FILE).encode("lo\uD83Dri\uDE00keet", 512).ids()).containsExactly(0, 3, 4, 1);
    }

    @Test
    void countsTheAddedTokensToo() throws IOException {
        assertThat(load(FILE).vocabularySize()).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "model": {"type": "WordPiece" | "model": {"type": "WordLevel" | model.type: WordLevel is not supported
            "model": {"type": "WordPiece" | "model": {"type": "BPE" | model.max_input_chars_per_word: unknown field
            "BertNormalizer"    | "NFX"            | normalizer.type: NFX is not supported
            "BertNormalizer"    | "NFC"            | normalizer.clean_text: unknown field
            "BertPreTokenizer"  | "UnicodeScripts" | pre_tokenizer.type: UnicodeScripts is not supported
            "BertProcessing"    | "Processing"     | post_processor.type: Processing is not supported
            "decoder": {"type": "WordPiece"} | "decoder": {"type": "CTC"} | decoder.type: CTC is not supported
            "lowercase": true   | "lowercase": true, "x": 1 | normalizer.x: unknown field
            "lowercase": true   | "lowercase": "yes" | normalizer.lowercase: true or false is expected
            "version": "1.0"    | "versions": "1.0" | versions: unknown field
            "unk_token": "[UNK]" | "unk_token": "<unk>" | model.unk_token: "<unk>" is not in the vocabulary
            "lori": 3           | "lori": 2        | model.vocab.lori: id 2 is another token's too
            "lori": 3           | "lori": -3       | model.vocab.lori: id -3 is negative
            "lori": 3           | "lori": 3.5      | model.vocab.lori: a whole number
            "id": 7             | "id": 9          | added_tokens[1].id: 9 is given for "Tag", the next free id is 7
            "id": 1,            | "id": 3,         | added_tokens[0].id: 3 is given for "[SEP]", the vocabulary has 1
            "content": "Tag"    | "content": ""    | added_tokens[1].content: is empty
            ["[SEP]", 1]        | ["[SEP]"]        | post_processor.sep: a token and its id are expected
            """)
    void refusesWhatItDoesNotKnow(String from, String to, String expected) {
        assertThat(FILE).contains(from);
        assertThatThrownBy(() -> load(FILE.replace(from, to))).isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json: " + expected);
    }

    private Tokenizer load(String json) throws IOException {
        return Tokenizer.load(Files.writeString(directory.resolve("tokenizer.json"), json));
    }
}
