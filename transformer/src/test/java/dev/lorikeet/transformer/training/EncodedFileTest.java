package dev.lorikeet.transformer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.transformer.data.DataFile;
import dev.lorikeet.transformer.data.Input;
import dev.lorikeet.transformer.data.StreamedExamples;
import dev.lorikeet.transformer.data.Table;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.TinyBert;
import dev.lorikeet.transformer.task.Encoded;
import dev.lorikeet.transformer.task.Passage;
import dev.lorikeet.transformer.task.TaskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedFileTest {
    private static final String KEY = "0123456789abcdef".repeat(4);

    @TempDir
    private Path directory;

    /** Every kind of example: one sequence and several, with segments, words, targets of both kinds, and without. */
    private static List<Encoded> examples(int largestId) {
        Random random = new Random(1);
        List<Encoded> all = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int sequences = 1 + i % 3;
            int[] offsets = new int[sequences + 1];
            for (int s = 1; s <= sequences; s++) {
                offsets[s] = offsets[s - 1] + 1 + random.nextInt(s == 1 && i % 50 == 0 ? 400 : 9);
            }
            int tokens = offsets[sequences];
            int[] ids = random.ints(tokens, 0, largestId).toArray();
            ids[0] = i % 2 == 0 ? largestId : 0;
            all.add(new Encoded(ids, i % 4 < 2 ? null : random.ints(tokens, 0, 2).toArray(), offsets,
                    random.ints(i % 5, -100, 70_000).toArray(),
                    i % 7 == 0 ? new float[] {-0.0f, 1e-30f, i} : new float[0],
                    i % 6 == 0 ? i : 0, i % 9 == 0 ? random.ints(4, -1, tokens).toArray() : null,
                    i % 11 == 0 ? passage(tokens) : null));
        }
        return all;
    }

    /** With half of a pair, and a letter of two. */
    private static Passage passage(int tokens) {
        int[] starts = new int[tokens];
        int[] ends = new int[tokens];
        Arrays.setAll(starts, i -> i % 3 - 1);
        Arrays.setAll(ends, i -> i % 3 == 0 ? -1 : 4);
        return new Passage("a\uD83E\uDD8A\uD800", starts, ends, List.of("", "a\uD83E\uDD8A"));
    }

    @ParameterizedTest
    @ValueSource(ints = {65_535, 70_000, Integer.MAX_VALUE})
    void examplesComeBackAsTheyWere(int largestId) {
        List<Encoded> examples = examples(largestId);
        EncodedExamples kept = EncodedExamples.of(examples);
        Path path = directory.resolve("examples");
        EncodedFile.write(path, KEY, largestId > 65_535, examples::forEach);
        EncodedFile file = EncodedFile.open(path, KEY);
        assertThat(file.size()).isEqualTo(examples.size());
        for (int i = 0; i < examples.size(); i++) {
            assertThat(file.get(i)).usingRecursiveComparison().isEqualTo(examples.get(i));
            assertThat(file.tokens(i)).isEqualTo(examples.get(i).tokens());
        }
        assertThat(file.truncated()).isEqualTo(kept.truncated()).isEqualTo(49);
        assertThat(file.digest()).isEqualTo(kept.digest());
        int[] some = {7, 0, 299};
        assertThat(file.select(some).digest()).isEqualTo(kept.select(some).digest());
        assertThat(file.select(some).tokens(2)).isEqualTo(examples.get(299).tokens());
    }

    @Test
    void whatIsDamagedOrOfSomethingElseIsNoFile() throws IOException {
        Path path = directory.resolve("examples");
        assertThat(EncodedFile.open(path, KEY)).isNull();
        EncodedFile.write(path, KEY, false, examples(100).subList(0, 3)::forEach);
        assertThat(EncodedFile.open(path, "f".repeat(64))).isNull();
        byte[] whole = Files.readAllBytes(path);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 1;
            Files.write(path, damaged);
            assertThat(EncodedFile.open(path, KEY)).as("byte %d", i).isNull();
            Files.write(path, Arrays.copyOf(whole, i));
            assertThat(EncodedFile.open(path, KEY)).as("the first %d bytes", i).isNull();
        }
        Files.write(path, whole);
        assertThat(EncodedFile.open(path, KEY)).isNotNull();
    }

    private StreamedExamples<String, Integer> streamed(String... texts) throws IOException {
        StringBuilder content = new StringBuilder("text\tlabel\n");
        for (String text : texts) {
            content.append(text).append('\t').append(text.contains("dog") ? "dog" : "cat").append('\n');
        }
        Path file = Files.writeString(directory.resolve("train.tsv"), content);
        return new DataFile<>(new Table(file, TableFormat.STANDARD), Input.text("text"), "label")
                .stream(CatsAndDogs.LABELS);
    }

    private List<String> cached() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("cache"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theCacheGoesByTheContentAndMendsItself() throws IOException {
        TinyBert.load(directory);
        TaskModel<String, Integer, ?> model = CatsAndDogs.fresh(directory);
        String[] texts = CatsAndDogs.TRAIN.examples().stream().map(example -> example.input()).toArray(String[]::new);
        Path cache = directory.resolve("cache");
        String digest = EncodedDataset.of(model, CatsAndDogs.TRAIN).digest();
        assertThat(EncodedCache.of(model, streamed(texts), cache).digest()).isEqualTo(digest);
        String name = cached().getFirst();
        byte[] whole = Files.readAllBytes(cache.resolve(name));
        Files.write(cache.resolve(name), Arrays.copyOf(whole, whole.length - 9));
        Path left = Files.writeString(cache.resolve("." + name + ".999999999-1.tmp"), "of a process that was killed");
        assertThat(EncodedCache.of(model, streamed(texts), cache).digest()).isEqualTo(digest);
        assertThat(cache.resolve(name)).hasBinaryContent(whole);
        assertThat(left).doesNotExist();
        texts[0] = "the dog";
        assertThat(EncodedCache.of(model, streamed(texts), cache).digest()).isNotEqualTo(digest);
        assertThat(cached()).as("one for each content").hasSize(2).contains(name);
        BitSet odd = BitSet.valueOf(new long[] {0b101010});
        assertThat(EncodedCache.of(model, streamed(texts).select(odd), cache).size()).isEqualTo(3);
        assertThat(cached()).hasSize(3);
    }

    @Test
    void streamedExamplesAreThoseOfTheFile() throws IOException {
        StreamedExamples<String, Integer> all = streamed("a cat", "a dog", "cats");
        assertThat(all.size()).isEqualTo(3);
        assertThat(all.input(2)).isEqualTo("cats");
        assertThat(all.target(1)).isEqualTo(1);
        List<String> heard = new ArrayList<>();
        all.targets("+1", target -> target + 1).forEach((input, target) -> heard.add(input + target));
        assertThat(heard).containsExactly("a cat1", "a dog2", "cats1");
        assertThat(all.targets("+1", target -> target + 1).key()).isNotEqualTo(all.key());
        StreamedExamples<String, Integer> some = all.select(BitSet.valueOf(new long[] {0b110}));
        assertThat(some.size()).isEqualTo(2);
        assertThat(some.input(0)).isEqualTo("a dog");
        assertThatThrownBy(() -> some.input(2)).hasMessageContaining("train.tsv: example 2");
        assertThatThrownBy(() -> streamed().size()).isInstanceOf(InputException.class)
                .hasMessage(directory.resolve("train.tsv") + ": examples: there are none");
    }
}
