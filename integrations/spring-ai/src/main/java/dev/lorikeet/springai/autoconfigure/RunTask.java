package dev.lorikeet.springai.autoconfigure;

import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.io.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches where a model is named, or the run is for a task; the run's {@code task.json} says for which. */
abstract class RunTask extends SpringBootCondition {
    private static final String RUN = LorikeetProperties.PREFIX + ".run";

    private final String task;
    private final String property;

    private RunTask(String task, String property) {
        this.task = task;
        this.property = LorikeetProperties.PREFIX + property;
    }

    /** Whether there is something that embeds. */
    static final class Embeds extends RunTask {
        Embeds() {
            super("sentence-embedding", ".embedding.model");
        }
    }

    /** Whether there is something that chats. */
    static final class Chats extends RunTask {
        Chats() {
            super("causal-language-model", ".chat.model");
        }
    }

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Environment environment = context.getEnvironment();
        ConditionMessage.Builder message = ConditionMessage.forCondition("Lorikeet");
        if (environment.containsProperty(property)) {
            return ConditionOutcome.match(message.foundExactly(property));
        }
        String run = environment.getProperty(RUN);
        return run != null && task(Path.of(run)).equals(task) ? ConditionOutcome.match(message.foundExactly(RUN))
                : ConditionOutcome.noMatch(message.because("neither " + property + " nor a run of " + task));
    }

    private static String task(Path run) {
        if (run.toString().isBlank()) {
            throw new InputException(RUN + ": is empty, the folder of a run is expected");
        }
        Path file = run.resolve("task.json");
        if (!Files.exists(file)) {
            throw new InputException(run, RUN, "has no task.json, the folder of a run is expected");
        }
        return JsonObject.read(file).string("task");
    }
}
