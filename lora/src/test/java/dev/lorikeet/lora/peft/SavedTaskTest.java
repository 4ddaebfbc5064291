package dev.lorikeet.lora.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.Initialization;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.TaskType;
import dev.lorikeet.lora.TinyBert;
import dev.lorikeet.lora.WeightInitialization;
import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.Workspace;
import dev.lorikeet.tensor.packed.Cpu;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.model.LoadOptions;
import dev.lorikeet.transformer.model.MeanPooledHead;
import dev.lorikeet.transformer.model.Model;
import dev.lorikeet.transformer.task.Prediction;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.task.Tasks;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SavedTaskTest {
    private static final List<String> LABELS = List.of("cat", "dog", "neither");

    @TempDir
    Path directory;
    private Path base;
    private Path run;
    private TaskModel<String, Integer, List<Prediction>> classifier;
    private LoraAdapter adapter;

    @BeforeEach
    void save() throws IOException {
        base = Files.createDirectory(directory.resolve("base"));
        run = directory.resolve("run");
        TinyBert.write(base, 1);
        classifier = TaskModel.of(Model.load(base), Tasks.classification(LABELS), 3);
        adapter = Lora.attach(classifier, LoraConfig.rslora().rank(4).alpha(16).targets("all-linear")
                .initialization(Initialization.NONE).build(), 5);
        classifier.save(run);
    }

    @Test
    void whatIsLoadedHasTheSameLogitsAndNothingToTrain() {
        TaskModel<?, ?, ?> loaded = TaskModel.load(run);
        assertThat(loaded.task()).isEqualTo(Tasks.classification(LABELS));
        assertThat(logits(loaded)).isEqualTo(logits(classifier));
        assertThat(loaded.trainableCount()).isZero();
        adapter.detach();
        assertThat(logits(classifier)).isNotEqualTo(logits(loaded));
    }

    @Test
    void anEncoderThatWasTrainedItselfIsWrittenWhole() throws IOException {
        assertThatThrownBy(() -> classifier.saveMerged(directory.resolve("lost")))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("has an adapter, merge or detach");
        adapter.merge();
        Path whole = directory.resolve("whole");
        classifier.save(whole);
        TaskModel<?, ?, ?> loaded = TaskModel.load(whole);
        assertThat(logits(loaded)).isEqualTo(logits(classifier));
        assertThat(loaded.task()).isEqualTo(Tasks.classification(LABELS));
        assertThatThrownBy(() -> TaskModel.load(whole, base.toString(), LoadOptions.STANDARD))
                .isInstanceOf(InputException.class)
                .hasMessage(whole + ": base: there is no adapter in it that has a base, the model is whole");
        Files.delete(whole.resolve("model/config.json"));
        assertThatThrownBy(() -> TaskModel.load(whole)).isInstanceOf(InputException.class)
                .hasMessage(whole.resolve("model/config.json") + ": open: there is no such file");
    }

    @Test
    void aMergedEncoderCarriesTheHead() {
        adapter.merge();
        Path merged = directory.resolve("merged");
        classifier.saveMerged(merged);
        assertThat(merged).isDirectoryContaining("glob:**/load.py");
        assertThat(logits(TaskModel.load(merged))).isEqualTo(logits(classifier));
        assertThat(TaskModel.load(merged).task()).isEqualTo(Tasks.classification(LABELS));
    }

    @Test
    void theAdapterNamesItsTaskItsBaseAndTheHashOfItsWeights() throws Exception {
        JsonObject config = JsonObject.read(run.resolve("adapter/adapter_config.json"));
        assertThat(config.string("task_type")).isEqualTo("FEATURE_EXTRACTION");
        assertThat(config.string("base_model_name_or_path")).as("as PEFT opens it from anywhere")
                .isEqualTo(base.toAbsolutePath().toString());
        try (TensorFile weights = Safetensors.open(run.resolve("adapter/adapter_model.safetensors"))) {
            assertThat(weights.metadata()).isEqualTo(Map.of("format", "pt", "base_weights", "sha256:" + sha256()));
        }
    }

    @Test
    void theSameClassifierIsSavedWithTheSameBytes() throws IOException {
        Path again = directory.resolve("again");
        classifier.save(again);
        try (Stream<Path> all = Files.walk(again)) {
            List<Path> files = all.filter(Files::isRegularFile).map(again::relativize).sorted().toList();
            assertThat(files).containsExactly(Path.of("adapter/adapter_config.json"),
                    Path.of("adapter/adapter_model.safetensors"), Path.of("head.safetensors"), Path.of("load.py"),
                    Path.of("task.json"));
            for (Path file : files) {
                assertThat(again.resolve(file)).hasSameBinaryContentAs(run.resolve(file));
            }
        }
    }

    /** The head of a class of Hugging Face goes with the adapter, as PEFT has it, and with the merged model. */
    @Test
    void aHeadOfHuggingFacesGoesWithTheAdapter() throws IOException {
        pooled();
        TaskModel<String, Integer, List<Prediction>> model = TaskModel.of(Model.load(base),
                Tasks.pretrainedClassification(LABELS), 7);
        LoraAdapter own = Lora.attach(model, LoraConfig.lora().rank(2).targets("query").initialization(
                Initialization.NONE).build(), 5);
        assertThat(own.saved()).containsOnlyKeys("classifier.weight", "classifier.bias");
        Path saved = directory.resolve("pretrained");
        model.save(saved);
        JsonObject config = JsonObject.read(saved.resolve("adapter/adapter_config.json"));
        assertThat(config.string("task_type")).isEqualTo("SEQ_CLS");
        try (Stream<Path> files = Files.list(saved)) {
            assertThat(files.map(Path::getFileName)).containsExactlyInAnyOrder(Path.of("adapter"), Path.of(
                    "task.json"));
        }
        TaskModel<?, ?, ?> loaded = TaskModel.load(saved);
        assertThat(loaded.task()).isEqualTo(model.task());
        assertThat(logits(loaded)).isEqualTo(logits(model));
        own.merge();
        Path merged = directory.resolve("merged");
        model.saveMerged(merged);
        assertThat(JsonObject.read(merged.resolve("config.json")).list("architectures"))
                .isEqualTo(List.of("BertForSequenceClassification"));
        TaskModel<?, ?, ?> whole = TaskModel.load(merged);
        assertThat(whole.task()).isEqualTo(model.task());
        assertThat(logits(whole)).isEqualTo(logits(model));
    }

    @Test
    void refusesAnAdapterThatLacksTheNewHead() throws IOException {
        pooled();
        TaskModel<String, Integer, List<Prediction>> model = TaskModel.of(Model.load(base),
                Tasks.pretrainedClassification(LABELS), 7);
        Path saved = directory.resolve("bare");
        model.save(saved);
        Files.move(saved.resolve("model"), directory.resolve("whole"));
        LoraAdapter bare = Lora.attach((Module) model, LoraConfig.lora().targets("query").build(), 5);
        Peft.save(bare, base.toAbsolutePath().toString(), null, saved.resolve("adapter"));
        assertThatThrownBy(() -> TaskModel.load(saved)).isInstanceOf(InputException.class)
                .hasMessage(saved.resolve("adapter/adapter_config.json") + ": modules_to_save: classifier.weight is "
                        + "neither in the base model nor in the adapter");
    }

    @Test
    void refusesADirectoryThatHoldsTheOtherForm() {
        adapter.merge();
        assertThatThrownBy(() -> classifier.save(run)).isInstanceOf(InputException.class).hasMessage(
                run + ": save: holds adapter, and the model that is saved is whole: another directory is expected");
        assertThatThrownBy(() -> classifier.saveMerged(run)).isInstanceOf(InputException.class)
                .hasMessageContaining("holds adapter, and the model that is saved is merged");
        assertThatThrownBy(() -> classifier.saveMerged(run.resolve("adapter"))).isInstanceOf(InputException.class)
                .hasMessageContaining("holds adapter_config.json");
        Path merged = directory.resolve("merged");
        classifier.saveMerged(merged);
        assertThatThrownBy(() -> classifier.save(merged)).isInstanceOf(InputException.class)
                .hasMessageContaining("holds config.json, and the model that is saved is a run");
        Path whole = directory.resolve("whole");
        classifier.save(whole);
        classifier.save(whole);
        adapter.unmerge();
        assertThatThrownBy(() -> classifier.save(whole)).isInstanceOf(InputException.class)
                .hasMessageContaining("holds model, and the model that is saved is an adapter");
        classifier.save(run);
    }

    @Test
    void whateverAttachesIsKnownToTheModel() {
        assertThat(classifier.attachment()).isSameAs(adapter);
        adapter.detach();
        assertThat(classifier.attachment()).isNull();
        LoraAdapter again = Peft.read(classifier.backbone(), run.resolve("adapter")).attach();
        assertThat(classifier.attachment()).isSameAs(again);
    }

    @Test
    void refusesAnAdapterOnABaseThatWasTrainedBesideIt() {
        classifier.backbone().unfreeze("embeddings.LayerNorm.*");
        assertThatThrownBy(() -> classifier.save(directory.resolve("lost"))).isInstanceOf(IllegalStateException.class)
                .hasMessage("save: embeddings.LayerNorm.weight of the base was trained or changed, and the adapter's "
                        + "files do not hold it");
    }

    @Test
    void aStartThatIsTakenOutOfTheBaseIsTheAdapters() {
        adapter.detach();
        Lora.attach(classifier, LoraConfig.lora().rank(2).targets("query").initialization(
                new WeightInitialization.Pissa()).build(), 5);
        Path saved = directory.resolve("pissa");
        classifier.save(saved);
        assertThat(logits(TaskModel.load(saved))).isEqualTo(logits(classifier));
    }

    @Test
    void refusesLabelsThatAreNotTheHeads() throws IOException {
        Path task = run.resolve("task.json");
        Files.writeString(task, Files.readString(task).replace("\"dog\"", "\"cow\""));
        refused(task + ": labels: are not those of head.safetensors");
        pooled();
        TaskModel<String, Integer, List<Prediction>> whole = TaskModel.of(Model.load(base),
                Tasks.pretrainedClassification(LABELS), 7);
        Path saved = directory.resolve("whole");
        whole.save(saved);
        Path config = saved.resolve("model/config.json");
        Files.writeString(config, Files.readString(config).replace("\"dog\"", "\"cow\""));
        assertThatThrownBy(() -> TaskModel.load(saved)).isInstanceOf(InputException.class).hasMessage(
                saved.resolve("task.json") + ": labels: are not those of the head in " + saved.resolve("model"));
    }

    @Test
    void refusesATaskThatTheHeadIsNotFor() throws IOException {
        pooled();
        Path saved = directory.resolve("whole");
        TaskModel.of(Model.load(base), Tasks.pretrainedClassification(LABELS), 7).save(saved);
        Path task = saved.resolve("task.json");
        Files.writeString(task, Files.readString(task).replace("sequence-classification", "causal-language-model"));
        assertThatThrownBy(() -> TaskModel.load(saved)).isInstanceOf(InputException.class).hasMessage(
                "causal-language-model: the model " + saved.resolve("model").toAbsolutePath()
                        + " is a BertForSequenceClassification, which has no head for that");
    }

    @Test
    void savesNoNewHeadWithoutTheHead() throws IOException {
        pooled();
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(base), Tasks.pretrainedClassification(LABELS), 7);
        Lora.attach(model, LoraConfig.lora().targets("query").taskType(TaskType.FEATURE_EXTRACTION).build(), 5);
        assertThatThrownBy(() -> model.save(directory.resolve("lost"))).isInstanceOf(IllegalStateException.class)
                .hasMessage("save: classifier.weight is of a new head, and the adapter does not save it "
                        + "(modules_to_save)");
    }

    @Test
    void savesNothingThatIsNoNumber() {
        adapter.layers().values().iterator().next().a().value().data()[3] = Float.NaN;
        Path lost = directory.resolve("lost");
        assertThatThrownBy(() -> classifier.save(lost)).isInstanceOf(InputException.class)
                .hasMessageMatching(".*/adapter_model.safetensors: .*lora_A.weight: element 3 is NaN");
        adapter.detach();
        ((MeanPooledHead) classifier.head()).output().bias().value().data()[1] = Float.POSITIVE_INFINITY;
        assertThatThrownBy(() -> classifier.save(lost)).isInstanceOf(InputException.class)
                .hasMessage(lost.resolve("head.safetensors") + ": bias: element 1 is Infinity");
    }

    @Test
    void aBaseThatChangedSinceItWasLoadedIsNotNamed() {
        TaskModel<?, ?, ?> model = TaskModel.of(Model.load(base), Tasks.classification(LABELS), 3);
        Lora.attach(model, LoraConfig.lora().targets("query").build(), 5);
        TinyBert.write(base, 2);
        assertThatThrownBy(() -> model.save(directory.resolve("other"))).isInstanceOf(InputException.class)
                .hasMessage(base + ": weights: have changed since the model was loaded, so that nobody can say which "
                        + "base it is");
    }

    @Test
    void refusesNamesOfClassesThatFilesCannotHold() throws IOException {
        for (List<String> labels : List.of(List.of("a", "a"), List.of("a", " "), List.<String>of())) {
            assertThatThrownBy(() -> Tasks.classification(labels)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("labels: ");
        }
        assertThatThrownBy(() -> Tasks.pretrainedClassification(List.of("only")))
                .isInstanceOf(IllegalArgumentException.class).hasMessage("labels: 1, at least 2 are expected");
        Path task = run.resolve("task.json");
        Files.writeString(task, Files.readString(task).replace("\"dog\"", "\"cat\""));
        refused(task + ": labels: \"cat\" is there twice");
    }

    /** Gives the base a pooler, which the classes of BERT read. */
    private void pooled() throws IOException {
        Map<String, Tensor> tensors = new TreeMap<>();
        try (TensorFile file = Safetensors.openDirectory(base)) {
            file.names().forEach(name -> tensors.put(name, file.read(name)));
        }
        tensors.put("pooler.dense.weight", tensors.get("encoder.layer.0.attention.self.query.weight"));
        tensors.put("pooler.dense.bias", tensors.get("encoder.layer.0.attention.self.query.bias"));
        Safetensors.write(base.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }

    @Test
    void refusesABaseThatHasOtherWeightsNow() {
        String before = classifier.model().hash();
        TinyBert.write(base, 2);
        String now = Model.load(base).hash();
        refused(run.resolve("adapter/adapter_model.safetensors")
                + ": __metadata__.base_weights: the adapter is for a base"
                + " with the weights " + before + ", this model has " + now);
        assertThat(now).isNotEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run/adapter/adapter_config.json", "run/adapter/adapter_model.safetensors",
        "run/head.safetensors", "base/config.json", "base/tokenizer.json"})
    void saysWhichFileIsMissing(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.delete(file);
        refused(file + ": open: there is no such file");
    }

    @Test
    void saysWhichBaseIsMissing() throws IOException {
        Path weights = base.resolve("model.safetensors");
        Files.move(weights, directory.resolve("weights"));
        refused(base + ": weights: neither model.safetensors nor model.safetensors.index.json is there");
        Files.move(directory.resolve("weights"), weights);
        Files.move(base, directory.resolve("elsewhere"));
        Path config = run.resolve("adapter/adapter_config.json");
        refused(config + ": base_model_name_or_path: there is no directory and no built-in model named "
                + base.toAbsolutePath());
        assertThat(logits(TaskModel.load(run, directory.resolve("elsewhere").toString(), LoadOptions.STANDARD)))
                .as("a run moves with its base").isEqualTo(logits(classifier));
        Files.writeString(config, Files.readString(config).replace("\"" + base.toAbsolutePath() + "\"", "null"));
        refused(config + ": base_model_name_or_path: is missing, so that nobody knows the base model");
    }

    @Test
    void refusesAHeadThatIsNoneOrDoesNotFit() {
        Path head = run.resolve("head.safetensors");
        Map<String, Tensor> tensors = new TreeMap<>(Map.of("bias", Tensor.zeros(3), "weight", Tensor.zeros(3, 16)));
        Safetensors.write(head, tensors, Map.of("format", "pt"));
        refused(head + ": __metadata__.id2label: is missing: this is not a head");
        Safetensors.write(head, tensors, Map.of("id2label", "{\"0\": \"cat\", \"2\": \"dog\"}"));
        refused(head + ": id2label.1: is missing, a string is expected");
        Safetensors.write(head, tensors, Map.of("id2label", "{\"0\": \"cat\", \"1\": \"dog\"}"));
        refused(head + ": weight: shape (2, 16) is expected from config.json, not (3, 16)");
    }

    @Test
    void theScriptIsPython() throws IOException, InterruptedException {
        Process python;
        try {
            python = new ProcessBuilder("python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read())",
                    run.resolve("load.py").toString()).redirectErrorStream(true).start();
        } catch (IOException e) {
            System.err.println("SKIPPED: load.py was not parsed, there is no python3 on the PATH");
            abort("no python3 on the PATH");
            return;
        }
        assertThat(new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
        assertThat(python.waitFor()).isZero();
    }

    private void refused(String message) {
        assertThatThrownBy(() -> TaskModel.load(run)).isInstanceOf(InputException.class).hasMessage(message);
    }

    private static float[] logits(TaskModel<?, ?, ?> classifier) {
        try (Tape tape = Tape.inference(Cpu.shared(), new Workspace())) {
            return classifier.logits(tape, TinyBert.BATCH).value().toArray();
        }
    }

    /** Over name, shape and float32 bits of each tensor of the base, in the order of the names. */
    private String sha256() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (TensorFile weights = Safetensors.openDirectory(base)) {
            for (String name : new TreeSet<>(weights.names())) {
                Tensor tensor = weights.read(name);
                digest.update((name + tensor.shape() + "\n").getBytes(StandardCharsets.UTF_8));
                ByteBuffer bits = ByteBuffer.allocate(Float.BYTES * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
                bits.asFloatBuffer().put(tensor.toArray());
                digest.update(bits);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
