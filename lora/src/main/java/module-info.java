/** Adapters, their training, their PEFT files and merging. */
module dev.lorikeet.lora {
    requires jdk.jfr;
    requires static org.jspecify;
    requires transitive dev.lorikeet.transformer;

    exports dev.lorikeet.lora;
    exports dev.lorikeet.lora.merge;
    exports dev.lorikeet.lora.peft;
    exports dev.lorikeet.lora.rank;
    exports dev.lorikeet.lora.search;

    provides dev.lorikeet.transformer.task.AttachmentFormat with dev.lorikeet.lora.peft.PeftFormat;
}
