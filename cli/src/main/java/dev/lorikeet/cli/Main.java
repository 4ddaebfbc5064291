package dev.lorikeet.cli;

import dev.lorikeet.cli.report.CommandLines;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.MemoryException;
import dev.lorikeet.transformer.io.FileNames;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.training.DivergedException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code lorikeet} command: parses the command line, calls a verb, turns what fails into one line and a status. */
@Command(name = "lorikeet", description = "Fine-tunes and runs Hugging Face transformers inside the JVM.",
        versionProvider = Main.Version.class, mixinStandardHelpOptions = true, synopsisSubcommandLabel = "VERB",
        commandListHeading = "%nVerbs:%n", optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {
            "  lorikeet finetune", "  lorikeet predict --run out/supersense \"a small animal with a long tail\"",
            "  lorikeet finetune --help", "  lorikeet bench --help"})
public final class Main {
    private static final int FAILED = 1;
    private static final int WRONG_INPUT = 2;
    /** In the order of the help. */
    private static final List<String> VERBS = List.of("finetune", "preview", "predict", "generate", "chat", "embed",
            "serve", "evaluate", "compare", "watch", "merge", "export", "inspect", "pull", "doctor");

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(Terminal.system(), arguments));
    }

    /** Runs the command and returns its exit status: 0, 1 where something failed, 2 where the input was wrong. */
    static int run(Terminal terminal, String... arguments) {
        boolean one = arguments.length > 0 && VERBS.contains(arguments[0]); // reading the options of all takes a while
        return execute(command(terminal, one ? List.of(arguments[0]) : VERBS), terminal, arguments);
    }

    /**
     * Runs {@code command}, or shows its help where there are no arguments. What fails becomes one line, as everywhere
     * in Lorikeet; {@code --debug} adds the stack trace.
     *
     * @return the exit status: 0, 1 where something failed, 2 where the input was wrong
     */
    public static int execute(CommandLine command, Terminal terminal, String... arguments) {
        boolean debug = List.of(arguments).contains("--debug");
        command.setOut(new PrintWriter(terminal.out(), true));
        command.setUsageHelpAutoWidth(true);
        command.setParameterExceptionHandler((fault, _) -> failed(terminal, fault, debug));
        command.setExecutionExceptionHandler((fault, _, _) -> failed(terminal, fault, debug));
        try {
            for (int i = 0; i < arguments.length; i++) {
                FileNames.requireDecoded(arguments[i], "argument " + (i + 1));
            }
            int status = command.execute(arguments.length == 0 ? new String[] {"--help"} : arguments);
            return terminal.out().checkError() ? unwritten(terminal, status) : status;
        } catch (InputException | OutOfMemoryError e) {
            return failed(terminal, e, debug);
        }
    }

    /** Nobody has read the answer: the disk is full, or the program behind the pipe has ended. */
    private static int unwritten(Terminal terminal, int status) {
        if (status != 0) {
            return status;
        }
        terminal.fault("standard output cannot be written");
        return FAILED;
    }

    /** The command with all its verbs. */
    static CommandLine command(Terminal terminal) {
        return command(terminal, VERBS);
    }

    private static CommandLine command(Terminal terminal, List<String> verbs) {
        CommandLine command = new CommandLine(new Main());
        verbs.forEach(verb -> command.addSubcommand(verb(verb, terminal)));
        command.getSubcommands().values().forEach(verb -> verb.getCommandSpec().usageMessage().sortOptions(false)
                .sortSynopsis(false).parameterListHeading("%nArguments:%n").optionListHeading("%nOptions:%n")
                .footerHeading("%nExamples:%n"));
        command.setExpandAtFiles(false); // a text may begin with @
        return command;
    }

    private static Object verb(String name, Terminal terminal) {
        return switch (name) {
            case "finetune" -> new FinetuneCommand(terminal);
            case "preview" -> new PreviewCommand(terminal);
            case "predict" -> new PredictCommand(terminal);
            case "generate" -> new GenerateCommand(terminal);
            case "chat" -> new ChatCommand(terminal);
            case "embed" -> new EmbedCommand(terminal);
            case "serve" -> new ServeCommand(terminal);
            case "evaluate" -> new EvaluateCommand(terminal);
            case "compare" -> new CompareCommand(terminal);
            case "watch" -> new WatchCommand(terminal);
            case "merge" -> new MergeCommand(terminal);
            case "export" -> new ExportCommand(terminal);
            case "inspect" -> new InspectCommand(terminal);
            case "pull" -> new PullCommand(terminal);
            case "doctor" -> new DoctorCommand(terminal);
            default -> throw new IllegalArgumentException("there is no verb '" + name + "'");
        };
    }

    private static int failed(Terminal terminal, Throwable fault, boolean debug) {
        if (debug) {
            fault.printStackTrace(terminal.err());
        }
        terminal.out().flush();
        terminal.fault(line(fault, debug));
        return fault instanceof InputException || fault instanceof ParameterException ? WRONG_INPUT : FAILED;
    }

    private static String line(Throwable fault, boolean debug) {
        String message = Objects.requireNonNullElse(fault.getMessage(), "").lines().findFirst().orElse("");
        return switch (fault) {
            case InputException _ -> message;
            case DivergedException _ -> message;
            case ParameterException wrong -> rule(wrong, message) + "; see " + wrong.getCommandLine().getCommandSpec()
                    .qualifiedName(" ").replaceFirst("^lorikeet", Matcher.quoteReplacement(CommandLines.command()))
                    + " --help";
            case MemoryException _ -> message;
            case OutOfMemoryError _ -> "out of memory (" + message + "): " + MemoryException.more();
            default -> fault.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message)
                    + (debug ? "" : " (run with --debug for more)");
        };
    }

    /** picocli knows arguments, and says of a verb that it matches none. */
    private static String rule(ParameterException wrong, String message) {
        CommandLine command = wrong.getCommandLine();
        if (wrong instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()
                && command.getParent() == null) {
            String kind = command.getCommandSpec().usageMessage().synopsisSubcommandLabel().toLowerCase(Locale.ROOT);
            return "there is no " + kind + " '" + unmatched.getUnmatched().getFirst() + "', there are "
                    + String.join(", ", command.getSubcommands().keySet());
        }
        return wrong instanceof UnmatchedArgumentException unmatched && unmatched.isUnknownOption()
                ? "Unknown option: '" + unmatched.getUnmatched().getFirst() + "'" + Suggestion.of(unmatched)
                : message;
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"lorikeet " + Objects.requireNonNullElse(version, "(not from a jar)")};
        }
    }
}
