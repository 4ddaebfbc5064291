package dev.lorikeet.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.weights.BuiltInModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BertVocabularyTest {
    private static final String TOKENS = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nÀ\ncat\n##s\n語\n";

    @TempDir
    private Path directory;

    private Tokenizer tokenizer(String config) throws IOException {
        Files.writeString(directory.resolve("vocab.txt"), TOKENS);
        if (config != null) {
            Files.writeString(directory.resolve("tokenizer_config.json"), config);
        }
        return Tokenizer.ofDirectory(directory);
    }

    private static List<String> tokens(Tokenizer tokenizer, String text) {
        return tokenizer.encode(text, 100).tokens();
    }

    /** Hugging Face's library made that tokenizer.json of such a vocab.txt. */
    @Test
    void theVocabularyOfATokenizerJsonAloneGivesTheSameIds() throws IOException {
        Path model = BuiltInModels.directory("all-MiniLM-L6-v2");
        JsonObject vocab = JsonObject.read(model.resolve("tokenizer.json")).object("model").object("vocab");
        String lines = vocab.fields().entrySet().stream()
                .sorted(Comparator.comparingInt(token -> (int) token.getValue()))
                .map(Map.Entry::getKey).collect(Collectors.joining("\r\n"));
        Files.writeString(directory.resolve("vocab.txt"), lines + "\r\n");
        Tokenizer alone = Tokenizer.ofDirectory(directory);
        Tokenizer whole = Tokenizer.ofDirectory(model);
        assertThat(alone.vocabularySize()).isEqualTo(whole.vocabularySize());
        for (String text : List.of("", "The café's unaffable cats, 12.5 %", "a [MASK] of [SEP] and [CLS]", "日本語 text",
                "x\u0000y\tz", "naïve ÅNGSTRÖM ß İ", "antidisestablishmentarianism".repeat(5), "\ud83d\ude00!")) {
            assertThat(alone.encode(text, 512).ids()).as(text).isEqualTo(whole.encode(text, 512).ids());
        }
    }

    @Test
    void theConfigurationSaysWhatIsDoneToTheText() throws IOException {
        assertThat(tokens(tokenizer(null), "A Cats 語語")).containsExactly("[CLS]", "a", "cat", "##s", "語", "語", "[SEP]");
        assertThat(tokens(tokenizer("{\"do_lower_case\": false}"), "À a A")).containsExactly("[CLS]", "À", "a", "[UNK]",
                "[SEP]");
        assertThat(tokens(tokenizer("{\"strip_accents\": false}"), "À")).containsExactly("[CLS]", "[UNK]", "[SEP]");
        assertThat(tokens(tokenizer("{\"tokenize_chinese_chars\": false}"), "語語")).containsExactly("[CLS]", "[UNK]",
                "[SEP]");
        assertThat(tokens(
                tokenizer("{\"cls_token\": {\"content\": \"cat\"}, \"sep_token\": \"a\", \"unk_token\": \"##s\"}"),
                "[CLS]")).containsExactly("cat", "##s", "##s", "##s", "a");
    }

    @Test
    void aTokenizerJsonGoesBefore() throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), "{\"model\": 1}");
        assertThatThrownBy(() -> tokenizer(null)).isInstanceOf(InputException.class)
                .hasMessageContaining("tokenizer.json: model: an object is expected");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"tokenizer_class": "BertJapaneseTokenizer"} | tokenizer_config.json: tokenizer_class: beside vocab.txt,
            {"do_basic_tokenize": false}                 | tokenizer_config.json: do_basic_tokenize: only true
            {"never_split": ["x"]}                       | tokenizer_config.json: never_split: is not supported
            {"do_lower_case": 1}                         | do_lower_case: true or false is expected, not 1
            {"cls_token": "<s>"}                         | vocab.txt: cls_token: "<s>" is not among the tokens
            {"unk_token": "<unk>"}                       | vocab.txt: model.unk_token: "<unk>" is not in the vocabulary
            """)
    void refusesWhatWouldChangeTheIds(String config, String expected) {
        assertThatThrownBy(() -> tokenizer(config)).isInstanceOf(InputException.class).hasMessageContaining(expected);
    }

    @Test
    void refusesTokensBesideTheVocabularyAndOtherEncodings() throws IOException {
        Path added = Files.writeString(directory.resolve("added_tokens.json"), "{\"<x>\": 10}");
        assertThatThrownBy(() -> tokenizer(null)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(added + ": tokens: are not read beside vocab.txt");
        Files.delete(added);
        Files.write(directory.resolve("vocab.txt"), "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Tokenizer.ofDirectory(directory)).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("vocab.txt") + ": tokens: the text is not UTF-8");
    }
}
