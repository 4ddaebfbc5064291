package dev.lorikeet.lora.peft;

import dev.lorikeet.lora.AdapterMethod;
import dev.lorikeet.lora.Attached;
import dev.lorikeet.lora.LoraConfig;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The methods whose adapters are read and written. A value: whoever has more passes {@code standard().with(mine)}.
 *
 * @param all the first that knows a {@code peft_type} is asked
 */
public record AdapterMethods(List<AdapterMethod<?>> all) {
    /** LoRA, rsLoRA, AdaLoRA and what else {@link LoraConfig} describes. */
    public static final AdapterMethod<LoraConfig> LORA = new LoraMethod();

    private static final AdapterMethods STANDARD = new AdapterMethods(List.of(LORA));

    public AdapterMethods {
        all = List.copyOf(all);
    }

    /** Those of this library. */
    public static AdapterMethods standard() {
        return STANDARD;
    }

    /** These and one more, which is asked before them. */
    public AdapterMethods with(AdapterMethod<?> method) {
        return new AdapterMethods(Stream.concat(Stream.of(method), all.stream()).toList());
    }

    /**
     * The one that {@code peft_type} of an {@code adapter_config.json} names.
     *
     * @throws InputException if there is none
     */
    public AdapterMethod<?> of(JsonObject config) {
        String type = config.string("peft_type");
        return find(type).orElseThrow(() -> config.error("peft_type", unknown(type)));
    }

    /**
     * The one that an adapter is of.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public AdapterMethod<?> of(Attached attached) {
        String type = attached.peftType();
        return find(type).orElseThrow(() -> new IllegalArgumentException("peft_type: " + unknown(type)));
    }

    /** Whether an adapter is of one of these. */
    boolean has(Attached attached) {
        return find(attached.peftType()).isPresent();
    }

    private Optional<AdapterMethod<?>> find(String type) {
        return all.stream().filter(method -> method.codec().peftTypes().contains(type)).findFirst();
    }

    private String unknown(String type) {
        return "\"" + type + "\" is not one of " + all.stream().flatMap(method -> method.codec().peftTypes().stream())
                .distinct().sorted().collect(Collectors.joining(", "));
    }
}
