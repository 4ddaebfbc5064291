package dev.lorikeet.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.autograd.nn.Linear;
import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.WeightFormat;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.task.TaskModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadOptionsTest {
    private static final LoadOptions INT8 = new LoadOptions(WeightFormat.INT8);

    @TempDir
    private Path directory;

    @Test
    void theLayersOfTheBaseHaveTheFormatAndTheHeadHasNot() {
        TinyModel.write(directory, TinyModel.LLAMA, withHead());
        Map<String, WeightFormat> formats = formats(TaskModel.of(Model.load(directory, INT8)));
        assertThat(formats).hasSize(8).containsEntry("lm_head", WeightFormat.F32)
                .containsEntry("model.layers.0.mlp.down_proj", WeightFormat.INT8);
        assertThat(formats(TaskModel.of(Model.load(directory))).values()).containsOnly(WeightFormat.F32);
        assertThat(formats(Model.load(directory, INT8).backbone()).values()).hasSize(7).containsOnly(WeightFormat.INT8);
    }

    @Test
    void anEncoderWithItsTokenizerHasItToo() {
        TinyBert.load(directory);
        assertThat(formats(Model.load(directory, INT8).backbone()).values()).containsOnly(WeightFormat.INT8);
        assertThat(formats(Model.load(directory.toString(), INT8).backbone()).values()).containsOnly(WeightFormat.INT8);
        assertThat(Model.load(directory, INT8).hash()).isEqualTo(Model.load(directory).hash());
    }

    @Test
    void refusesFormatsThatAreNotMadeFromFloat32() {
        assertThatThrownBy(() -> new LoadOptions(WeightFormat.Q4_0)).isInstanceOf(InputException.class)
                .hasMessage("format: Q4_0 is made by GGUF files only");
    }

    private static Map<String, Tensor> withHead() {
        Map<String, Tensor> tensors = TinyModel.llama("model.");
        TinyBert.add(tensors, "lm_head.weight 10 8");
        return tensors;
    }

    private static Map<String, WeightFormat> formats(Module model) {
        Map<String, WeightFormat> formats = new LinkedHashMap<>();
        model.namedModules().forEach((path, module) -> {
            if (module instanceof Linear linear) {
                formats.put(path, linear.weight().format());
            }
        });
        return formats;
    }
}
