package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.autograd.Variable;
import dev.lorikeet.autograd.nn.Adapter;
import dev.lorikeet.autograd.nn.KeyValues;
import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.autograd.nn.Parameter;
import dev.lorikeet.autograd.nn.Pass;
import dev.lorikeet.autograd.nn.SelfAttention;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.Json;
import dev.lorikeet.transformer.io.JsonObject;
import dev.lorikeet.transformer.task.TaskModel;
import dev.lorikeet.transformer.weights.Safetensors;
import dev.lorikeet.transformer.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
    @TempDir
    private Path directory;

    /** Sharded, narrower and tied ones too, with the configs of either generation of transformers. */
    @TestFactory
    Stream<DynamicTest> modelsOfTransformersComeBackWithTheSameBits() throws IOException {
        return RecordedModel.tests(false, recorded -> {
            Path written = directory.resolve(recorded.directory().getFileName() + "-"
                    + recorded.config().source().getFileName());
            if (recorded.recorded().string("kind").equals("base")) {
                Model model = Model.load(recorded.directory());
                model.write(model.backbone(), null, written);
                assertSameParameters(Model.load(written).backbone(), model.backbone());
            } else {
                if (recorded.recorded().string("kind").equals("seq2seq")) {
                    RecordedModel.EncoderAndDecoder model = recorded.loadEncoderAndDecoder();
                    model.model().write(model, model.head(), written);
                    assertSameParameters(new RecordedModel(written, JsonObject.read(written.resolve("config.json")),
                            recorded.recorded()).loadEncoderAndDecoder(), model);
                } else {
                    TaskModel<?, ?, ?> model = recorded.load();
                    model.saveMerged(written);
                    TaskModel<?, ?, ?> again = TaskModel.of(Model.load(written));
                    assertThat(again.head().className()).isEqualTo(model.head().className());
                    assertSameParameters(again, model);
                }
                assertSameNamesAsInTheSource(recorded.directory(), written);
                Map<String, Object> fields = new LinkedHashMap<>(recorded.config().fields());
                List.of("dtype", "torch_dtype").forEach(name -> fields.replace(name, "float32"));
                assertThat(Json.readObject(written.resolve("config.json"))).isEqualTo(fields);
            }
            assertThat(written.resolve("model.safetensors.index.json")).doesNotExist();
        });
    }

    private static void assertSameParameters(Module actual, Module expected) {
        Map<String, Parameter> parameters = actual.namedParameters();
        assertThat(parameters.keySet()).isEqualTo(expected.namedParameters().keySet());
        expected.namedParameters().forEach((name, parameter) -> {
            assertThat(parameters.get(name).value().shape()).isEqualTo(parameter.value().shape());
            assertThat(parameters.get(name).value().toArray()).as(name).isEqualTo(parameter.value().toArray());
        });
    }

    private static void assertSameNamesAsInTheSource(Path source, Path written) {
        try (TensorFile before = Safetensors.openDirectory(source);
                TensorFile after = Safetensors.openDirectory(written)) {
            assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
            assertThat(after.metadata()).isEqualTo(Map.of("format", "pt"));
        }
    }

    @Test
    void anEncoderBringsItsTokenizerAndNoPathOfThisMachine() throws IOException {
        Path source = Files.createDirectories(directory.resolve("source"));
        TinyBert.write(source, TinyBert.tensors());
        Map<String, Object> config = new LinkedHashMap<>(Json.readObject(source.resolve("config.json")));
        config.put("_name_or_path", source.toString());
        config.put("torch_dtype", "float16");
        config.put("architectures", List.of("BertForMaskedLM"));
        Files.writeString(source.resolve("config.json"), Json.write(config));
        Files.writeString(source.resolve("tokenizer_config.json"), """
                {"name_or_path": "C:\\\\models\\\\cat", "do_lower_case": true, "cls_token": "[CLS]",
                 "model_max_length": 1000000000000000019884624838656, "special_tokens_map_file": "/tmp/x"}""");
        Files.writeString(source.resolve("special_tokens_map.json"), "{\"sep_token\":  \"[SEP]\"}");
        Model model = Model.load(source);
        Path written = directory.resolve("a/b");
        model.write(model.backbone(), null, written);

        Model again = Model.load(written);
        assertThat(again.hash()).isEqualTo(model.hash());
        assertThat(again.tokenizer().encode("the cats", 8).ids()).isEqualTo(model.tokenizer().encode("the cats", 8)
                .ids());
        config.remove("_name_or_path");
        config.put("torch_dtype", "float32");
        config.put("architectures", List.of("BertModel"));
        assertThat(Json.readObject(written.resolve("config.json"))).isEqualTo(config);
        assertThat(written.resolve("tokenizer_config.json")).content().contains("1000000000000000019884624838656",
                "\"do_lower_case\": true").doesNotContain("models", "/tmp");
        assertThat(written.resolve("special_tokens_map.json")).content().isEqualTo("{\"sep_token\":  \"[SEP]\"}");
        try (Stream<Path> files = Files.list(written)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("config.json",
                    "model.safetensors", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json");
        }
    }

    @Test
    void aModelMayBeWrittenOverItself() {
        Model model = TinyBert.load(directory);
        Parameter weight = model.backbone().namedParameters().get("embeddings.LayerNorm.bias");
        weight.value().fill(0.5f);
        model.write(model.backbone(), null, directory);
        assertThat(Model.load(directory).backbone().namedParameters().get("embeddings.LayerNorm.bias").value().get(3))
                .isEqualTo(0.5f);
    }

    @Test
    void aHeadThatIsNotTheTiedTableIsWrittenAsOne() {
        Map<String, Tensor> tensors = TinyModel.gpt2("transformer.");
        TinyBert.add(tensors, "lm_head.weight 10 8");
        TaskModel<?, ?, ?> model = TinyModel.load(directory, TinyModel.GPT2, tensors);
        Path written = directory.resolve("written");
        model.saveMerged(written);
        assertThat(Json.readObject(written.resolve("config.json"))).containsEntry("tie_word_embeddings", false);
        assertSameParameters(TaskModel.of(Model.load(written)), model);
    }

    @Test
    void refusesAnAdapterThatWouldBeLostAndNumbersThatAreNone() {
        Model model = TinyBert.load(directory);
        Linear linear = (Linear) model.backbone().find("encoder.layer.1.output.dense");
        linear.adapter(new Parallel(false));
        Path written = directory.resolve("written");
        assertThatThrownBy(() -> model.write(model.backbone(), null, written)).isInstanceOf(IllegalStateException.class)
                .hasMessage("save: encoder.layer.1.output.dense has an adapter, merge or detach it first");
        SelfAttention attention = (SelfAttention) model.backbone().find("encoder.layer.1.attention.self");
        attention.adapter(new KeyValues() {});
        assertThatThrownBy(() -> model.write(model.backbone(), null, written)).isInstanceOf(IllegalStateException.class)
                .hasMessage("save: encoder.layer.1.attention.self has an adapter, merge or detach it first");
        attention.adapter(null);
        linear.adapter(new Parallel(true));
        model.write(model.backbone(), null, written);
        assertThat(Model.load(written).backbone().namedParameters()).doesNotContainKey(
                "encoder.layer.1.output.dense.lora_A.weight");
        linear.weight().value().data()[2] = Float.NaN;
        assertThatThrownBy(() -> model.write(model.backbone(), null, written)).isInstanceOf(InputException.class)
                .hasMessage(
                        written.resolve("model.safetensors")
                                + ": encoder.layer.1.output.dense.weight: element 2 is NaN");
        assertThat(Model.load(written).backbone().namedParameters()).hasSize(37);
    }

    private record Parallel(boolean isMerged) implements Adapter {
        @Override
        public Variable forward(Pass pass, Variable x, Linear base) {
            return base.base(pass.tape(), x, null);
        }

        @Override
        public Map<String, Parameter> parameters() {
            return Map.of("lora_A.weight", new Parameter(Tensor.zeros(1, 1)));
        }
    }

    @Test
    void saysWhatCannotBeWritten() throws IOException {
        Model model = TinyBert.load(directory);
        Path file = directory.resolve("config.json");
        assertThatThrownBy(() -> model.write(model.backbone(), null, file)).isInstanceOf(InputException.class)
                .hasMessageStartingWith(
                        file.resolve("model.safetensors") + ": write: cannot be written: ");
        assertThat(Files.readString(file)).isEqualTo(TinyBert.CONFIG);
    }
}
