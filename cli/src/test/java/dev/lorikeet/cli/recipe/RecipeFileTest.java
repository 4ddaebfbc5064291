package dev.lorikeet.cli.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.lora.rank.AdaLora;
import dev.lorikeet.transformer.data.BadRows;
import dev.lorikeet.transformer.data.TableFormat;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeFileTest {
    /** Without clipping, as when its figures were taken. */
    private static final TrainingSettings BUILT_IN = TrainingSettings.defaults().with(TrainingSettings.CLIP_NORM, 0.0);
    @TempDir
    private Path directory;
    @Test
    void theBuiltInRecipe() {
        assertThat(RecipeFile.yaml(RecipeFile.builtIn())).isEqualTo("""
                name: supersense
                model: all-MiniLM-L6-v2
                from: null
                data:
                  source: wordnet-supersenses
                  validation: null
                  seed: 1
                method:
                  name: rslora
                  rank: 8
                  alpha: 16.0
                  dropout: 0.0
                  targets: all-linear
                training:
                  epochs: 3
                  max-steps: 0
                  batch-size: 32
                  batch-tokens: 0
                  length-grouped: false
                  sampling: natural
                  accumulation: 1
                  shuffle-window: 1048576
                  adapter-rate: 0.001
                  head-rate: 0.003
                  layer-decay: 1.0
                  optimizer: adamw
                  momentum: 0.0
                  weight-decay: 0.01
                  schedule: linear
                  warmup-ratio: 0.1
                  clip-norm: 0.0
                  label-smoothing: 0.0
                  class-weights: none
                  keep-best: false
                  patience: 0
                  evaluation-steps: 0
                  gradient-checkpointing: false
                  seed: 1
                  lora-plus-ratio: 1.0
                  lora-fa: false
                  limit: null
                  probe: true
                compute:
                  threads: null
                  vector: auto
                  device: cpu
                  memory: null
                tracking:
                  mlflow: null
                """);
        assertThat(RecipeFile.builtIn().training()).isEqualTo(BUILT_IN);
        assertThat(RecipeFile.builtIn().data()).isEqualTo(new Recipe.WordNet(1));
        assertThat(RecipeFile.builtIn().compute()).isEqualTo(new Recipe.Hardware(null, "auto", "cpu"));
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Recipe other = read("""
                name: other.1_x-y
                model: /models/my bert
                data: {train: a.csv, test: b.csv, text-column: 'gloss: 1', label-column: '#', delimiter: ;, seed: 7}
                method: {name: lora, rank: 3, alpha: 0.5, dropout: 0.25, targets: [query, 'true', '1']}
                training: {epochs: 2, batch-size: 7, accumulation: 4, adapter-rate: 1e-5, head-rate: 0,
                  weight-decay: 0.5, schedule: cosine, warmup-ratio: 1, clip-norm: 0.25, gradient-checkpointing: true,
                  seed: -3, limit: 40, probe: false}
                compute: {threads: 3, vector: 256}
                """);
        assertThat(((Method.Adapted) other.method()).targets())
                .isEqualTo(new Method.Suffixes(List.of("query", "true", "1")));
        assertThat(other.data())
                .isEqualTo(new Recipe.Files(List.of(directory.resolve("a.csv")), List.of(directory.resolve("b.csv")),
                        new TableFormat(true, ';'), BadRows.FAIL, null, "gloss: 1", null, List.of("#"), ",", 7));
        for (Recipe recipe : List.of(RecipeFile.builtIn(), other)) {
            Path file = directory.resolve("written.yaml");
            RecipeFile.write(file, recipe);
            assertThat(RecipeFile.read(file)).isEqualTo(recipe);
            JsonObject json = new JsonObject(file, "", Json.readLine(Json.writeLine(RecipeFile.tree(recipe)), file, 1));
            assertThat(RecipeFile.of(file, json.fields())).isEqualTo(recipe);
            assertThat(RecipeFile.differences(recipe, recipe)).isEmpty();
        }
        assertThat(RecipeFile.differences(other, RecipeFile.with(other, Map.of("compute.threads", 1, "training.seed",
                9, "data.text-column", "t", "training.probe", true)))).containsExactly(
                        "data.text-column is \"gloss: 1\", not \"t\"", "training.seed is -3, not 9",
                        "training.probe is false, not true");
        assertThat(RecipeFile.differences(other, RecipeFile.with(other, Map.of("method.targets", "all-linear",
                "method.name", "rslora")))).containsExactly("method.name is \"lora\", not \"rslora\"",
                        "method.targets is [\"query\", \"true\", \"1\"], not \"all-linear\"");
    }

    @Test
    void whatIsWrittenHasAbsolutePaths() {
        Recipe relative = RecipeFile.with(RecipeFile.builtIn(),
                Map.of("model", "m", "data.train", "d/../a.tsv", "data.test", "b.tsv"));
        assertThat(relative.data()).isEqualTo(files(Path.of("a.tsv"), Path.of("b.tsv")));
        Path file = directory.resolve("written.yaml");
        RecipeFile.write(file, relative);
        Recipe read = RecipeFile.read(file);
        assertThat(read.data()).isEqualTo(files(Path.of("a.tsv").toAbsolutePath(), Path.of("b.tsv").toAbsolutePath()));
        assertThat(read.model()).isEqualTo(Path.of("m").toAbsolutePath().toString());
    }

    @Test
    void whatAFileLeavesOutIsAsBuiltIn() {
        Recipe recipe = read("training:\n  epochs: 9 # more\n");
        assertThat(recipe.name()).as("the file's").isEqualTo("recipe");
        assertThat(recipe.training()).isEqualTo(BUILT_IN.withEpochs(9));
        assertThat(recipe.data()).isEqualTo(new Recipe.WordNet(1));
        assertThat(read("")).isEqualTo(read("name: recipe"));
    }

    @Test
    void pathsStartAtTheFilesFolder() {
        Recipe recipe = read("model: ../m\ndata: {train: a/train.tsv, test: /b/test.tsv}\n");
        assertThat(recipe.model()).isEqualTo(directory.resolveSibling("m").toString());
        assertThat(recipe.data()).isEqualTo(files(directory.resolve("a/train.tsv"), Path.of("/b/test.tsv")));
    }

    @Test
    void aFileWithDataOfItsOwnHasNoneOfTheBuiltInOne() {
        assertThat(read("data: {train: a.tsv, test: b.tsv, label-column: kind}").data()).isEqualTo(new Recipe.Files(
                List.of(directory.resolve("a.tsv")), List.of(directory.resolve("b.tsv")), TableFormat.STANDARD,
                BadRows.FAIL, null, null, null,
                List.of("kind"), ",", 1));
        assertThat(read("data: {source: wordnet-supersenses, seed: 7}").data()).isEqualTo(new Recipe.WordNet(7));
    }

    @Test
    void filesWithoutAHeaderHaveColumnsByNumber() {
        Recipe recipe = read("data: {train: a.tsv, test: b.tsv, header: false, text-column: 2, label-column: '1', "
                + "delimiter: \"\\t\"}");
        assertThat(recipe.data()).isEqualTo(new Recipe.Files(List.of(directory.resolve("a.tsv")),
                List.of(directory.resolve("b.tsv")),
                new TableFormat(false, '\t'), BadRows.FAIL, null, "2", null, List.of("1"), ",", 1));
        Path file = directory.resolve("written.yaml");
        RecipeFile.write(file, recipe);
        assertThat(RecipeFile.read(file)).isEqualTo(recipe);
    }

    @Test
    void flagsAreOverTheRecipe() {
        Recipe recipe = read("training: {epochs: 9, seed: 4}\nmethod: {rank: 2}\n");
        Recipe changed = RecipeFile.with(recipe, Map.of("training.epochs", 1, "method.alpha", 3.5, "name", "other"));
        assertThat(changed.name()).isEqualTo("other");
        assertThat(changed.training()).isEqualTo(BUILT_IN.withEpochs(1).withSeed(4));
        assertThat(changed.method()).isEqualTo(RecipeFile.with(RecipeFile.builtIn(), Map.of("method.rank", 2,
                "method.alpha", 3.5)).method());
    }

    @Test
    void aRecipeIsCheckedWithItsFlags() throws IOException {
        Path file = Files.writeString(directory.resolve("recipe.yaml"),
                "data: {train: a.tsv}\ntraining: {epochs: 0}\nmethod: {name: dora, target-rank: 4}\n");
        Map<String, Object> flags = Map.of("data.test", "b.tsv", "training.epochs", "1", "method.name", "adalora");
        Recipe recipe = RecipeFile.read(file, flags);
        assertThat(recipe.data()).isEqualTo(files(directory.resolve("a.tsv"), Path.of("b.tsv")));
        assertThat(recipe.training().epochs()).isEqualTo(1);
        assertThat(((Method.AdaLora) recipe.method()).targetRank()).isEqualTo(4);
        for (String flag : flags.keySet()) {
            Map<String, Object> others = new HashMap<>(flags);
            others.remove(flag);
            assertThatThrownBy(() -> RecipeFile.read(file, others)).isInstanceOf(InputException.class)
                    .hasMessageStartingWith(file + ": " + flag + ": ");
        }
    }

    @Test
    void whatAFlagSaysIsNamedByTheFlag() {
        for (String[] wrong : new String[][] {
            {"training.epochs", "x", "--epochs: must be a whole number from 1 on, not \"x\""},
            {"training.epochs", "0", "--epochs: must be a whole number from 1 on, not \"0\""},
            {"method.rank", "8.5", "--rank: must be a whole number from 1 on, not \"8.5\""},
            {"method.alpha", "NaN", "--alpha: must be a number above 0 and at most 1e6, not \"NaN\""},
            {"method.targets", "(q",
                "--targets: must be all-linear, a regular expression, or a list of names of layers, not "
                        + "\"(q\": it is not a regular expression that is read: a bracket is not closed"},
            {"method.target-rank", "4",
                "--target-rank: does not go with the method rslora, whose keys are name, rank, alpha, "
                        + "dropout, targets"},
            {"data.text-column", "a", "--text-column: goes with files of one's own: --train and --test"},
            {"data.train", "a.tsv", "--test: is missing: files to train and to test with are needed, both"},
            {"data.seed", "1.5", "--data-seed: must be a whole number, not \"1.5\""}}) {
            assertThatThrownBy(() -> RecipeFile.read(null, Map.of(wrong[0], wrong[1])))
                    .isInstanceOf(InputException.class)
                    .hasMessage(wrong[2]);
        }
    }

    @Test
    void aFlagForOneFileKeepsTheOther() {
        Recipe recipe = read("data: {train: a.tsv, test: b.tsv, text-column: gloss}");
        assertThat(RecipeFile.with(recipe, Map.of("data.test", "c.tsv")).data()).isEqualTo(
                new Recipe.Files(List.of(directory.resolve("a.tsv")), List.of(Path.of("c.tsv")), TableFormat.STANDARD,
                        BadRows.FAIL, null, "gloss",
                        null,
                        List.of(), ",", 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gloss.tsv        | gloss
            a b.c.jsonl      | a-b.c
            été.tsv          | t-
            数据.tsv          | run
            .tsv             | run
            """)
    void aRunIsNamedAfterItsFile(String file, String name) {
        assertThat(RecipeFile.nameFor(Path.of("folder", file))).isEqualTo(name);
        assertThat(RecipeFile.with(RecipeFile.builtIn(), Map.of("name", name)).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            optimizer: adam                     | optimizer: unknown key, known here are name, model, from, data, method,
            'method: {r: 4}'                    | method.r: unknown key, known here are name, rank, alpha, dropout, targets
            'data: {train: a.tsv, tets: b.tsv}' | data.tets: unknown key, known here are train, test, validation, text-column
            'data: {source: wordnet-supersenses, train: a.tsv}' | data.source: unknown key, known here are train, test, validation, text-
            1: one                              | 1: a key must be a word
            'training: {1: one}'                | training.1: a key must be a word
            '- name'                            | line 1: a recipe is a tree of keys, such as
            method: lora                        | method: must be a section of keys, not "lora"
            data: null                          | data: must be a section of keys, not null
            model: 7                            | model: must be the name or the path of a model, not 7
            model: ' '                          | model: must be the name or the path of a model, not " "
            name: a/b                           | name: must be of letters, digits, '.', '_' and '-', not "a/b"
            'data: {train: a.tsv}'              | data.test: is missing: files to train and to test with are needed
            'data: {source: imagenet}'          | data.source: must be wordnet-supersenses or cron, not "imagenet"
            'data: {train: a.tsv, test: b.tsv, header: false}' | data.text-column: is missing: without a header, columns are
            'data: {train: a.tsv, test: b.tsv, header: 1}' | data.header: must be true or false, not 1
            'data: {train: a.tsv, test: b.tsv, delimiter: ab}' | data.delimiter: must be one character, no quote and no
            'training: {epochs: three}'         | training.epochs: must be a whole number from 1 on, not "three"
            'training: {epochs: 1.5}'           | training.epochs: must be a whole number from 1 on, not 1.5
            'training: {epochs: 0}'             | training.epochs: must be a whole number from 1 on, not 0
            'training: {limit: 0}'              | training.limit: must be a whole number from 1 on, not 0
            'training: {batch-size: -1}'        | training.batch-size: must be a whole number from 1 on, not -1
            'training: {seed: 9223372036854775808}' | training.seed: must be a whole number, not 9223372036854775808
            'training: {seed: null}'            | training.seed: must be a whole number, not null
            'training: {head-rate: .inf}'       | training.head-rate: must be a number from 0 on, not Infinity
            'training: {adapter-rate: -1e-3}'   | training.adapter-rate: must be a number from 0 on, not -0.001
            'training: {weight-decay: .nan}'    | training.weight-decay: must be a number from 0 on, not NaN
            'training: {warmup-ratio: 1.1}'     | training.warmup-ratio: must be a number in [0, 1], not 1.1
            'training: {accumulation: 0}'       | training.accumulation: must be a whole number from 1 on, not 0
            'training: {clip-norm: -1}'         | training.clip-norm: must be a number from 0 on, not -1
            'training: {schedule: step}'        | training.schedule: must be constant or constant_with_warmup or linear or
            'training: {gradient-checkpointing: 1}' | training.gradient-checkpointing: must be true or false, not 1
            'method: {name: dora}'              | method.name: must be lora or rslora or adalora or autolora or full, not "dora"
            'method: {name: full, rank: 8}'     | method.rank: does not go with the method full, whose keys are name
            'method: {target-rank: 4}'          | method.target-rank: does not go with the method rslora, whose keys are name,
            'method: {name: adalora, rank: 4}'  | method.target-rank: must be at most rank, 4, not 8
            'method: {name: adalora, initial-share: 0.7}' | method.final-share: must be below 1 - initial-share, not 0.3
            'method: {name: adalora, scaling: 2}' | method.scaling: must be lora or rslora, not 2
            'method: {name: autolora, selection: hard}' | method.selection: must be softmax or sigmoid or unconstrained, not
            'method: {name: autolora, training-share: 0}' | method.training-share: must be a number in (0, 1), not 0
            'method: {name: full, r: 8}'        | method.r: unknown key, known here are name
            'method: {rank: 0}'                 | method.rank: must be a whole number from 1 on, not 0
            'method: {alpha: 0}'                | method.alpha: must be a number above 0 and at most 1e6, not 0
            'method: {alpha: 1e30}'             | method.alpha: must be a number above 0 and at most 1e6, not 1.0E30
            'method: {rank: "8"}'               | method.rank: must be a whole number from 1 on, not "8"
            'training: {adapter-rate: 1e39}'    | training.adapter-rate: must be a number from 0 on, not 1.0E39
            'method: {dropout: .nan}'           | method.dropout: must be a number in [0, 1), not NaN
            'method: {name: adalora, orthogonal-weight: .inf}' | method.orthogonal-weight: must be a number from 0 on, not
            'method: {name: adalora, initial-share: .nan}' | method.initial-share: must be a number in [0, 1), not NaN
            'method: {name: autolora, selection-rate: -.inf}' | method.selection-rate: must be a number from 0 on, not -I
            'training: {warmup-ratio: .nan}'    | training.warmup-ratio: must be a number in [0, 1], not NaN
            'method: {dropout: 1}'              | method.dropout: must be a number in [0, 1), not 1
            'method: {targets: []}'             | method.targets: must be all-linear, a regular expression, or a list of
            'method: {targets: [query, 1]}'     | or a list of names of layers, not ["query", 1]
            'method: {targets: "(query"}'       | not "(query": it is not a regular expression that is read: a bracket is
            'method: {targets: "[q&&v]"}'       | not "[q&&v]": it is not a regular expression that is read: within a set
            'compute: {threads: 0}'             | compute.threads: must be a whole number from 1 on, not 0
            'compute: {vector: 64}'             | compute.vector: must be auto or scalar or 128 or 256 or 512, not 64
            'method: {rank: 4, rank: 5}'        | line 1, column 19: not valid YAML: found duplicate key rank
            'name: a~name: b'                   | line 2, column 1: not valid YAML: found duplicate key name
            'method: {rank: 4'                  | not valid YAML: expected ',' or '}'
            'name: a~---~name: b'               | line 2, column 1: not valid YAML: but found another document
            'name: !!java.io.File a'            | line 1, column 7: a recipe has no tags, such as tag:yaml.org,2002:java.io.File
            'training: {epochs: !!int abc}'     | line 1, column 20: a recipe has no tags, such as tag:yaml.org,2002:int
            'training: {gradient-checkpointing: !!bool abc}' | line 1, column 36: a recipe has no tags
            'data: !!set {a: null}'             | line 1, column 7: a recipe has no tags, such as tag:yaml.org,2002:set
            'method: {targets: !!seq [a]}'      | line 1, column 19: a recipe has no tags
            'name: ! a'                         | line 1, column 7: a recipe has no tags, such as !
            'name: "\\UFFFFFFFF"'               | line 1, column 5: not valid YAML after this: java.lang.NumberFormat
            '"\\u'                              | line 1, column 1: not valid YAML after this: java.lang.NumberFormat
            'method: &m {rank: 4}~compute: *m'  | YAML: not valid: Number of aliases
            """)
    void refusesWithFilePlaceAndRule(String yaml, String expected) {
        assertThatThrownBy(() -> read(yaml.replace('~', '\n'))).isInstanceOf(InputException.class)
                .hasMessageStartingWith(directory.resolve("recipe.yaml") + ": ").hasMessageContaining(expected);
    }

    @Test
    void refusesWhatIsNoYamlFile() throws IOException {
        Path file = directory.resolve("recipe.yaml");
        refuses(file, "open: there is no such file");
        Files.write(file, "name: caf\u00E9".getBytes(StandardCharsets.ISO_8859_1));
        refuses(file, "YAML: the text is not UTF-8");
        Files.writeString(file, "[".repeat(100_000));
        refuses(file, "line 1, column 17: nested more than 16 levels deep");
        Files.write(file, new byte[(1 << 20) + 1]);
        refuses(file, "size: recipes over 1 MiB are not read");
        refuses(directory, "open: is a directory, a file is expected");
    }

    private static void refuses(Path file, String rule) {
        assertThatThrownBy(() -> RecipeFile.read(file)).isInstanceOf(InputException.class)
                .hasMessage(file + ": " + rule);
    }

    private Recipe read(String yaml) {
        try {
            return RecipeFile.read(Files.writeString(directory.resolve("recipe.yaml"), yaml));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Recipe.Files files(Path train, Path test) {
        return new Recipe.Files(List.of(train), List.of(test), TableFormat.STANDARD, BadRows.FAIL, null, null, null,
                List.of(), ",", 1);
    }
}
