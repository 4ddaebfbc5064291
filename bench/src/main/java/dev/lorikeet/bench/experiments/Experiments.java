package dev.lorikeet.bench.experiments;

import dev.lorikeet.cli.CommonOptions;
import dev.lorikeet.cli.Main;
import dev.lorikeet.cli.report.Terminal;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lorikeet bench experiment}: one subcommand for each experiment. */
@Command(name = "lorikeet bench experiment", description = "Runs an experiment of the papers again.",
        synopsisSubcommandLabel = "EXPERIMENT")
public final class Experiments {
    @Mixin
    private CommonOptions common = new CommonOptions();

    private Experiments() {}

    public static void main(String[] arguments) {
        System.exit(run(Terminal.system(), arguments));
    }

    /** Runs an experiment and returns the exit status: 0, 1 where something failed, 2 where the input was wrong. */
    static int run(Terminal terminal, String... arguments) {
        CommandLine command = new CommandLine(new Experiments())
                .addSubcommand(new RankStabilityCommand(terminal)).addSubcommand(new MethodsCommand(terminal))
                .addSubcommand(new TasksCommand(terminal))
                .addSubcommand(new MergedLatencyCommand(terminal))
                .addSubcommand(new PerplexityRankCommand(terminal));
        for (Writing writing : Writing.values()) {
            command.addSubcommand(writing.title(), new WritingCommand(terminal, writing));
        }
        return Main.execute(command, terminal, arguments);
    }
}
