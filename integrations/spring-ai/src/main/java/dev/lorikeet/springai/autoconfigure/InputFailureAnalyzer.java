package dev.lorikeet.springai.autoconfigure;

import dev.lorikeet.transformer.io.InputException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Has an application that cannot start because of a file or a property say so in one line. */
final class InputFailureAnalyzer extends AbstractFailureAnalyzer<InputException> {
    @Override
    protected FailureAnalysis analyze(Throwable whole, InputException cause) {
        return new FailureAnalysis(cause.getMessage(),
                "Look at the file that it names, and at the properties " + LorikeetProperties.PREFIX + ".*", cause);
    }
}
