/**
 * The libraries in one jar that needs the JDK alone: Lorikeet's modules tensor, autograd, transformer and lora.
 *
 * <p>It exports what they export, and takes their place: on one module path, either this or they.
 */
@SuppressWarnings("module") module dev.lorikeet.all {
    requires static jdk.incubator.vector;
    requires java.net.http;
    requires jdk.jfr;
    requires jdk.management;

    exports dev.lorikeet.tensor;
    exports dev.lorikeet.tensor.kernel to dev.lorikeet.tornado;

    exports dev.lorikeet.autograd;
    exports dev.lorikeet.autograd.nn;
    exports dev.lorikeet.autograd.optim;

    exports dev.lorikeet.transformer.chat;
    exports dev.lorikeet.transformer.constraint;
    exports dev.lorikeet.transformer.data;
    exports dev.lorikeet.transformer.generation;
    exports dev.lorikeet.transformer.hub;
    exports dev.lorikeet.transformer.io;
    exports dev.lorikeet.transformer.jinja;
    exports dev.lorikeet.transformer.metrics;
    exports dev.lorikeet.transformer.metrics.text;
    exports dev.lorikeet.transformer.model;
    exports dev.lorikeet.transformer.settings;
    exports dev.lorikeet.transformer.task;
    exports dev.lorikeet.transformer.tokenizer;
    exports dev.lorikeet.transformer.training;
    exports dev.lorikeet.transformer.weights;

    exports dev.lorikeet.lora;
    exports dev.lorikeet.lora.merge;
    exports dev.lorikeet.lora.peft;
    exports dev.lorikeet.lora.rank;
    exports dev.lorikeet.lora.search;

    uses dev.lorikeet.tensor.ComputeProvider;
    uses dev.lorikeet.transformer.task.AttachmentFormat;

    provides dev.lorikeet.transformer.task.AttachmentFormat with dev.lorikeet.lora.peft.PeftFormat;
}
