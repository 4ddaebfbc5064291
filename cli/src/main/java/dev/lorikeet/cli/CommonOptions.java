package dev.lorikeet.cli;

import picocli.CommandLine.Option;

/** What every verb understands. */
public final class CommonOptions {
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this help.")
    private boolean help;

    /** {@link Main} looks for it before anything is parsed, so that it works for a wrong command line too. */
    @Option(names = "--debug", description = "Show the stack trace of what fails.")
    private boolean debug;
}
