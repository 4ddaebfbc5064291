package dev.lorikeet.lora.peft;

import dev.lorikeet.autograd.nn.Module;
import dev.lorikeet.lora.AdapterMethod;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.lora.LoraAdapter;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.lora.PeftCodec;
import dev.lorikeet.transformer.task.TaskModel;

/** The LoRA family. */
final class LoraMethod implements AdapterMethod<LoraConfig> {
    private static final LoraCodec CODEC = new LoraCodec();

    @Override
    public LoraAdapter attach(Module root, LoraConfig config, long seed) {
        return Lora.attach(root, config, seed);
    }

    @Override
    public LoraAdapter attach(TaskModel<?, ?, ?> model, LoraConfig config, long seed) {
        return Lora.attach(model, config, seed);
    }

    @Override
    public PeftCodec<LoraConfig> codec() {
        return CODEC;
    }
}
