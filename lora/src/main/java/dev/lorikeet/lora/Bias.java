package dev.lorikeet.lora;

/** Which biases of the base are trained beside the adapters, as PEFT's {@code bias}. */
public enum Bias {
    /** None. */
    NONE,
    /** Those of every module. Without its adapters, the model is not the base then. */
    ALL,
    /** Those of the layers that have an adapter. */
    LORA_ONLY
}
