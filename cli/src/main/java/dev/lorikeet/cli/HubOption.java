package dev.lorikeet.cli;

import dev.lorikeet.cli.report.Format;
import dev.lorikeet.cli.report.Terminal;
import dev.lorikeet.cli.run.PullProgress;
import dev.lorikeet.transformer.hub.Hub;
import dev.lorikeet.transformer.hub.HubName;
import dev.lorikeet.transformer.hub.HubSettings;
import dev.lorikeet.transformer.io.InputException;
import dev.lorikeet.transformer.model.ModelName;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Models of a hub: what a user names and the cache has not is fetched, and nothing else. */
final class HubOption {
    @Option(names = "--offline", description = "Fetch nothing: a model of a hub comes from the cache alone.")
    private boolean offline;

    /** Fetches the model that the user names, if it is one of a hub that the cache has not. */
    void fetch(String model, Terminal terminal) {
        Hub hub = hub();
        ModelName.ofHub(model).filter(name -> hub.find(name).isEmpty())
                .ifPresent(name -> {
                    try {
                        pull(hub, name, terminal);
                    } catch (InputException e) { // a name may be meant as that of a directory
                        throw new InputException(e.getMessage() + "; nor is there a directory " + model + " here");
                    }
                });
    }

    Hub hub() {
        HubSettings settings = HubSettings.standard();
        return new Hub(offline ? settings.withoutConnections() : settings);
    }

    /** Fetches it, and says so beside results. */
    static Path pull(Hub hub, HubName name, Terminal terminal) {
        try (PullProgress progress = new PullProgress(terminal.aside(), (commit, files, bytes, missing) -> {
            String of = Format.count(files, "file", "files") + " with " + Format.bytes(bytes);
            terminal.aside().line(missing == 0 ? name + " is in the cache: " + of
                    : "Fetching " + name + " from " + hub.settings().endpoint() + ": " + of
                            + (missing < bytes ? ", " + Format.bytes(missing) + " of them to come" : ""));
        })) {
            return hub.pull(name, progress);
        }
    }
}
