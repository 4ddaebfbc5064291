package dev.lorikeet.transformer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.io.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In the files of the tests {@code ~} stands for a line's end and {@code >} for a tab. */
class TaggedTextTest {
    private static final Samples<List<String>, List<String>> EXPECTED = new Samples<>("a",
            List.of(List.of("New", "York", "sleeps"), List.of("ok")),
            List.of(List.of("B-LOC", "I-LOC", "O"), List.of("O")));

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {
        "New>B-LOC~York>I-LOC~sleeps>O~~ok>O~",
        "New>B-LOC~York>I-LOC~sleeps>O~~ok>O",
        "~~New>B-LOC~York>I-LOC~sleeps>O~~~~ok>O~~~",
        "New B-LOC~York I-LOC~sleeps O~  ~ok O~",
        " New  B-LOC ~York > I-LOC~sleeps O~>~ok O",
        "-DOCSTART- -X- O O~~New NNP B-NP B-LOC~York NNP I-NP I-LOC~sleeps V B-VP O~-DOCSTART- -X- O O~ok UH B-INTJ O",
        "-DOCSTART-~~New>B-LOC~York>I-LOC~sleeps>O~~-DOCSTART-~~ok>O",
        "# a comment that is longer~# id = 1~New>x>B-LOC~York>y>I-LOC~sleeps>z>O~~# id = 2~ok>x>O",
        "# a comment that is longer~New B-LOC~York I-LOC~sleeps O~~# id = 2~ok O"})
    void readsATokenInEachLine(String content) throws IOException {
        for (String name : List.of("a.conll", "a.tsv", "a.txt", "a", "eng.train")) {
            Samples<List<String>, List<String>> read = new TaggedText(file(name, content)).read();
            assertThat(read).isEqualTo(new Samples<>(name, EXPECTED.inputs(), EXPECTED.targets()));
        }
        Files.writeString(directory.resolve("a.conll"), text(content).replace("\n", "\r\n"));
        assertThat(new TaggedText(directory.resolve("a.conll")).read().inputs()).isEqualTo(EXPECTED.inputs());
    }

    @Test
    void columnsMayBeOthers() throws IOException {
        Path file = file("a.conll", "1 ok UH O~2 New NNP B-LOC~~");
        assertThat(new TaggedText(DataSource.of(file), "2", "3").read().targets())
                .containsExactly(List.of("UH", "NNP"));
        assertThat(new TaggedText(DataSource.of(file), "2", null).read())
                .isEqualTo(new Samples<>("a.conll", List.of(List.of("ok", "New")), List.of(List.of("O", "B-LOC"))));
        assertThat(new TaggedText(DataSource.of(file), "4", "2").read().targets())
                .containsExactly(List.of("ok", "New"));
    }

    @Test
    void aTokenMayBeANumberSign() throws IOException {
        assertThat(new TaggedText(file("a.conll", "ok O~# O~1 O~~# O~2 O~")).read().inputs())
                .containsExactly(List.of("ok", "#", "1"), List.of("#", "2"));
        assertThat(new TaggedText(file("b.conll", "#>O~#tag>O~~#>O~1>O")).read().inputs())
                .containsExactly(List.of("#", "#tag"), List.of("#", "1"));
    }

    @Test
    void tokensKeepWhatIsNoSpaceInside() throws IOException {
        assertThat(new TaggedText(file("a.tsv", "1 000>O~2\u00a0000 >O~\u200b>O~'\">O~\u3000>O~")).read().inputs())
                .containsExactly(List.of("1 000", "2\u00a0000", "\u200b", "'\"", "\u3000"));
        assertThat(new TaggedText(file("b.txt", "2\u00a0000 O~\u3000a O~")).read().inputs())
                .containsExactly(List.of("2\u00a0000", "\u3000a"));
    }

    @Test
    void readsUniversalDependencies() throws IOException {
        String content = """
                # sent_id = 1
                #
                # text = vámonos al mar
                1-2>vámonos>_>_>_>_>_>_>_>_
                1>vamos>ir>VERB>_>_>0>root>_>_
                2>nos>nosotros>PRON>_>_>1>obj>_>_
                3-4>al>_>_>_>_>_>_>_>_
                3>a>a>ADP>_>_>5>case>_>_
                4>el>el>DET>_>_>5>det>_>_
                5>mar>mar>NOUN>X>_>1>obl>_>_
                5.1>va>ir>VERB>_>_>_>_>_>_

                # text = 1 000
                1>1 000>1000>NUM>_>_>0>root>_>_
                """;
        Samples<List<String>, List<String>> read = new TaggedText(file("es.conllu", content)).read();
        assertThat(read.inputs()).containsExactly(List.of("vamos", "nos", "a", "el", "mar"), List.of("1 000"));
        assertThat(read.targets()).containsExactly(List.of("VERB", "PRON", "ADP", "DET", "NOUN"), List.of("NUM"));
        assertThat(new TaggedText(DataSource.of(directory.resolve("es.conllu")), "3", "5").read().targets().getFirst())
                .containsExactly("_", "_", "_", "_", "X");
    }

    @Test
    void readsListsInJsonLines() throws IOException {
        String tags = "{\"id\": 1, \"tokens\": [\"New\", \"York\", \"sleeps\"], \"TAGS\": [\"B-LOC\", \"I-LOC\", "
                + "\"O\"]}~~{\"TAGS\": [\"O\"], \"tokens\": [\"ok\"]}~";
        for (String name : List.of("tags", "ner_tags")) {
            Path file = file("a.jsonl", tags.replace("TAGS", name));
            assertThat(new TaggedText(file).read()).isEqualTo(new Samples<>("a.jsonl", EXPECTED.inputs(),
                    EXPECTED.targets()));
        }
        Path file = file("a.jsonl", tags.replace("TAGS", "pos").replace("tokens", "words"));
        assertThat(new TaggedText(DataSource.of(file), "words", "pos").read().targets()).isEqualTo(EXPECTED.targets());
        assertThat(tokens(new TaggedText(DataSource.of(file), "words", null))).isEqualTo(EXPECTED.inputs());
    }

    @Test
    void mayBeGzipAndUtf16() throws IOException {
        String content = text("New>B-LOC~York>I-LOC~sleeps>O~~ok>O~");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(("\ufeff" + content).getBytes(StandardCharsets.UTF_16LE));
        }
        for (String name : List.of("a.conll.gz", "a.tsv")) {
            Path file = Files.write(directory.resolve(name), bytes.toByteArray());
            assertThat(new TaggedText(file).read().inputs()).isEqualTo(EXPECTED.inputs());
        }
    }

    @Test
    void tokensAloneNeedNoTags() throws IOException {
        Path file = file("a.txt", "New~York~sleeps~~ok~");
        assertThat(tokens(new TaggedText(file))).isEqualTo(EXPECTED.inputs());
        assertThatThrownBy(() -> new TaggedText(file).read()).isInstanceOf(InputException.class).hasMessage(file
                + ": line 1: there is 1 column, and column 1 would be both the token and its tag; columns are between "
                + "tabs or spaces");
        assertThat(tokens(new TaggedText(file("b.txt", "")))).isEmpty();
    }

    private static List<List<String>> tokens(TaggedText file) {
        List<List<String>> all = new ArrayList<>();
        file.tokens(all::add);
        return all;
    }

    @Test
    void tagsMayBeKnownBefore() throws IOException {
        TaggedText file = new TaggedText(file("a.conll", "New>B-LOC~York>I-LOC~~# text~ok>O~"));
        assertThat(file.read(List.of("O", "B-LOC", "I-LOC", "B-PER"))).isEqualTo(file.read());
        assertThatThrownBy(() -> file.read(List.of("I-LOC", "B-LOC"))).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("a.conll") + ": line 5: unknown tag \"O\", known are B-LOC, I-LOC");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '@', nullValues = "-", textBlock = """
            a.conll @ -  @ -  @ 'a>O~b~c>O'        @ line 2: 1 column, the first line of a token has 2
            a.conll @ -  @ -  @ 'a O~~b c O~'      @ line 3: 3 columns, the first line of a token has 2
            a.conll @ -  @ -  @ 'a O~# no comment' @ line 2: 3 columns, the first line of a token has 2
            a.conll @ -  @ -  @ 'a>O~>O'           @ line 2: the token (column 1) is empty
            a.conll @ -  @ -  @ 'a>x>O~b>x> '      @ line 2: the tag (column 3) is empty
            a.conll @ -  @ -  @ 'a>O~b>\u3000'     @ line 2: the tag of "b" is white space
            a.conll @ -  @ 3  @ 'a>O'              @ line 1: there are 2 columns, and column 3 is asked for
            a.conll @ 2  @ -  @ '# x~a>O'          @ line 2: there are 2 columns, and column 2 would be both the \
            token and its tag; columns are between tabs or spaces
            a.conll @ -  @ -  @ 'a>O~b>O\r~'       @ -
            a.conll @ -  @ -  @ 'a>O~b>O\rc>O'     @ line 2: has a carriage return (CR) without a line feed; end \
            lines with LF or CR LF
            a.conll @ -  @ -  @ ''                 @ sentences: there are none
            a.conll @ -  @ -  @ '-DOCSTART-~~# x~' @ sentences: there are none
            a.conllu @ - @ -  @ '1>a>a>X~1 b b X'  @ line 2: 1 column, the first line of a token has 4
            a.conllu @ - @ -  @ '1 a a X'          @ line 1: there is 1 column, and column 4 is asked for
            a.csv   @ -  @ -  @ 'a,O'              @ name: the ending must be .jsonl, .conllu, or that of a file with \
            a token in each line, such as .conll, .tsv or .txt
            a.conll @ tokens @ - @ 'a O'           @ column "tokens": where a line is a token, columns are numbers \
            from 1 on
            a.conll @ -  @ 0  @ 'a O'              @ column "0": where a line is a token, columns are numbers from 1 on
            a.jsonl @ -  @ -  @ '{"tokens": ["a"], "tags": ["O", "O"]}' @ line 1: 1 tokens and 2 tags
            a.jsonl @ -  @ -  @ '{"tokens": ["a"], "ner_tags": [true]}' @ line 1: tag 1 (column "ner_tags") is true, a \
            text is expected
            a.jsonl @ -  @ -  @ '{"tokens": ["a", " "], "tags": []}'    @ line 1: token 2 (column "tokens") is empty
            a.jsonl @ -  @ -  @ '{"tokens": [], "tags": []}'            @ line 1: there are no tokens (column "tokens")
            a.jsonl @ -  @ -  @ '{"tokens": "a b", "tags": "O O"}'      @ line 1: the tokens (column "tokens") are \
            "a b", a list of texts is expected
            a.jsonl @ -  @ -  @ '~{"tokens": ["a"]}'                   @ line 2: the tags (column "tags") are missing, \
            a list of texts is expected
            a.jsonl @ -  @ -  @ ''                                      @ sentences: there are none
            """)
    void saysWhatIsWrongAndWhere(String name, @Nullable String tokens, @Nullable String tags, String content,
            @Nullable String expected) throws IOException {
        Path file = file(name, content);
        if (expected == null) {
            new TaggedText(DataSource.of(file), tokens, tags).read();
            return;
        }
        assertThatThrownBy(() -> new TaggedText(DataSource.of(file), tokens, tags).read())
                .isInstanceOf(InputException.class)
                .hasMessage(file + ": " + expected);
    }

    /** Whatever a file holds: sentences of tokens with a tag each, or a refusal that names the file. */
    @ParameterizedTest
    @ValueSource(strings = {"a.conll", "a.conllu", "a.jsonl"})
    void neitherBreaksOffNorMixesUp(String name) throws IOException {
        RandomGenerator random = new Random(5);
        String[] pieces = {" ", ">", "~", "~~", "#", "# ", "-DOCSTART-", "1", "1-2", "a", "O", "B-X", "a>O~", "a O~",
            "1>a>a>X~", "\r", "\u00a0", "\u3000", "{\"tokens\": [\"a\"], \"tags\": [\"O\"]}~", "{\"tokens\":"};
        int read = 0;
        for (int round = 0; round < 1000; round++) {
            StringBuilder content = new StringBuilder();
            random.ints(1 + round % 7, 0, pieces.length).forEach(piece -> content.append(pieces[piece]));
            Path file = file(name, content.toString());
            try {
                Samples<List<String>, List<String>> all = new TaggedText(file).read();
                for (int i = 0; i < all.size(); i++) {
                    assertThat(all.target(i)).hasSameSizeAs(all.input(i)).isNotEmpty()
                            .noneMatch(tag -> tag.isBlank() || tag.indexOf('\t') >= 0);
                }
                assertThat(tokens(new TaggedText(file))).isEqualTo(all.inputs());
                read++;
            } catch (InputException e) {
                assertThat(e).hasMessageStartingWith(file + ": ");
            }
        }
        assertThat(read).isBetween(1, 999);
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), text(content));
    }

    private static String text(String content) {
        return content.replace('~', '\n').replace('>', '\t');
    }
}
