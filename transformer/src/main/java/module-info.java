/**
 * Models of Hugging Face's files: architectures, tokenizers, weights, data sets, training, and writing texts.
 *
 * <p>Lists and maps of primitive numbers are for Lorikeet's own modules alone, some of which are not seen from here.
 */
@SuppressWarnings("module") module dev.lorikeet.transformer {
    requires jdk.jfr;
    requires static org.jspecify;
    requires transitive dev.lorikeet.autograd;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.jr.ob;
    requires java.net.http;

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
    exports dev.lorikeet.transformer.primitive to dev.lorikeet.lora;
    exports dev.lorikeet.transformer.settings;
    exports dev.lorikeet.transformer.task;
    exports dev.lorikeet.transformer.tokenizer;
    exports dev.lorikeet.transformer.training;
    exports dev.lorikeet.transformer.weights;

    uses dev.lorikeet.transformer.task.AttachmentFormat;
}
