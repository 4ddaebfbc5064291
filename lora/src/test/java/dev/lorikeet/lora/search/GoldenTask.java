package dev.lorikeet.lora.search;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.training.TrainingSettings;
import java.util.List;
import java.util.function.DoubleConsumer;

/** What {@link GoldenRuns} asks of a model and its data, however they are trained. */
interface GoldenTask {
    /** The model, to which adapters are attached. */
    Module backbone();

    /** All that can have trained parameters, in the order of the hash. */
    List<Module> parts();

    /** AutoLoRA's search: the configuration with the ranks found. */
    LoraConfig search(LoraConfig config, AutoLora settings, TrainingSettings training, Found found);

    /** @param losses told each step's loss */
    void train(TrainingSettings training, DoubleConsumer losses);

    /** Told what a search came by. */
    interface Found {
        void losses(double training, double validation);

        /** The selection variables in the end, by the modules' paths. */
        void selection(String path, Tensor beta);
    }
}
