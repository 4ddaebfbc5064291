package dev.lorikeet.springai;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.DefaultToolCallingChatOptions;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.util.CollectionUtils;

/**
 * What a request to {@link LorikeetChatModel} may ask for: {@link ChatOptions}, a schema of the answer, and a seed.
 * That there are places for tools is Spring AI's wish, which leaves tools out in silence where there are none: here
 * they are refused.
 */
public final class LorikeetChatOptions extends DefaultToolCallingChatOptions implements StructuredOutputChatOptions {
    /** The classes of options whose every field is read; of others nobody knows what they ask for. */
    private static final Set<Class<?>> KNOWN = Set.of(ChatOptions.builder().build().getClass(),
            DefaultToolCallingChatOptions.class, StructuredOutputChatOptions.builder().build().getClass(),
            LorikeetChatOptions.class);

    private final @Nullable String outputSchema;
    private final @Nullable Long seed;

    /** @param common the fields that all chat models have */
    private LorikeetChatOptions(@Nullable List<ToolCallback> tools, @Nullable Map<String, Object> context,
            ChatOptions common, @Nullable String outputSchema, @Nullable Long seed) {
        super(tools, context, common.getModel(), common.getFrequencyPenalty(), common.getMaxTokens(),
                common.getPresencePenalty(), common.getStopSequences(), common.getTemperature(), common.getTopK(),
                common.getTopP());
        this.outputSchema = outputSchema;
        this.seed = seed;
    }

    /** Options that ask for nothing yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** The JSON schema to which an answer is held, or null. */
    @Override
    public @Nullable String getOutputSchema() {
        return outputSchema;
    }

    /** The seed of drawing, or null for the model's: the same seed gives the same answer. */
    public @Nullable Long getSeed() {
        return seed;
    }

    @Override
    public Builder mutate() {
        return builder().with(this);
    }

    /**
     * These, and what is said in {@code wanted} instead.
     *
     * @throws UnsupportedOperationException if the class of {@code wanted} is one of another provider
     */
    LorikeetChatOptions with(@Nullable ChatOptions wanted) {
        return wanted == null ? this : mutate().with(wanted).build();
    }

    /** @throws UnsupportedOperationException if something is asked for that is not there, by its name */
    LorikeetChatOptions requireSupported(String name) {
        Refusals.require(getModel() == null || getModel().equals(name), "model other than " + name);
        Refusals.require(getFrequencyPenalty() == null, "frequencyPenalty");
        Refusals.require(getPresencePenalty() == null, "presencePenalty");
        Refusals.require(CollectionUtils.isEmpty(getToolCallbacks()), "a list of tools");
        Refusals.require(CollectionUtils.isEmpty(getToolContext()), "a context of tools");
        return this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other) && other instanceof LorikeetChatOptions options
                && Objects.equals(outputSchema, options.outputSchema) && Objects.equals(seed, options.seed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), outputSchema, seed);
    }

    /** Makes options; what is null leaves what was said before. */
    public static final class Builder extends DefaultToolCallingChatOptions.Builder<Builder>
            implements
                StructuredOutputChatOptions.Builder<Builder> {
        private @Nullable String outputSchema;
        private @Nullable Long seed;

        private Builder() {}

        @Override
        public Builder outputSchema(@Nullable String schema) {
            outputSchema = schema;
            return this;
        }

        /** The seed of drawing. */
        public Builder seed(@Nullable Long number) {
            seed = number;
            return this;
        }

        /** @throws UnsupportedOperationException if they are another provider's */
        @Override
        public Builder combineWith(ChatOptions.Builder<?> other) {
            return with(other.build());
        }

        Builder with(ChatOptions wanted) {
            Refusals.require(KNOWN.contains(wanted.getClass()), "options of " + wanted.getClass().getSimpleName());
            model(or(wanted.getModel(), model)).frequencyPenalty(or(wanted.getFrequencyPenalty(), frequencyPenalty))
                    .presencePenalty(or(wanted.getPresencePenalty(), presencePenalty))
                    .maxTokens(or(wanted.getMaxTokens(), maxTokens))
                    .temperature(or(wanted.getTemperature(), temperature))
                    .topK(or(wanted.getTopK(), topK)).topP(or(wanted.getTopP(), topP))
                    .stopSequences(or(wanted.getStopSequences(), stopSequences));
            if (wanted instanceof StructuredOutputChatOptions structured) {
                outputSchema = or(structured.getOutputSchema(), outputSchema);
            }
            if (wanted instanceof ToolCallingChatOptions tools) {
                toolCallbacks = or(tools.getToolCallbacks(), toolCallbacks);
                toolContext = or(tools.getToolContext(), toolContext);
            }
            if (wanted instanceof LorikeetChatOptions ours) {
                seed = or(ours.seed, seed);
            }
            return this;
        }

        private static <T> @Nullable T or(@Nullable T first, @Nullable T second) {
            return first != null ? first : second;
        }

        @Override
        public Builder clone() {
            Builder copy = super.clone();
            copy.outputSchema = outputSchema;
            copy.seed = seed;
            return copy;
        }

        @Override
        public LorikeetChatOptions build() {
            ChatOptions common = ChatOptions.builder().model(model).frequencyPenalty(frequencyPenalty)
                    .presencePenalty(presencePenalty).maxTokens(maxTokens).temperature(temperature).topK(topK)
                    .topP(topP)
                    .stopSequences(stopSequences).build();
            return new LorikeetChatOptions(toolCallbacks, toolContext, common, outputSchema, seed);
        }
    }
}
