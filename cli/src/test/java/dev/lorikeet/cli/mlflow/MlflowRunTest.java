package dev.lorikeet.cli.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.cli.mlflow.MlflowRun.About;
import dev.lorikeet.cli.mlflow.MlflowRun.Patience;
import dev.lorikeet.cli.mlflow.MlflowRun.Status;
import dev.lorikeet.cli.mlflow.MlflowStub.Point;
import dev.lorikeet.transformer.io.InputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class MlflowRunTest {
    private static final Patience SHORT = new Patience(10, 10, 5, 5000);

    private final MlflowStub stub = new MlflowStub();
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    MlflowRunTest() throws IOException {}

    @AfterEach
    void close() {
        stub.close();
    }

    private static MlflowServer at(String address, Map<String, String> environment) {
        return MlflowServer.of(Objects.requireNonNull(MlflowServer.address(address)), environment);
    }

    private MlflowRun run(String address, Map<String, String> environment, String key,
            Patience patience) {
        return new MlflowRun(at(address, environment), new About("mine", 1_790_000_000_000L, key,
                Map.of("method.rank", "8"), Map.of("lorikeet.task", "classification")), patience, warnings::add);
    }

    private MlflowRun run(Map<String, String> environment) {
        return run(stub.address(), environment, "k1", SHORT);
    }

    @Test
    void aRunIsMadeInItsExperimentAndEnds() {
        MlflowRun run = run(Map.of("MLFLOW_EXPERIMENT_NAME", "mine too"));
        run.tell("train/loss", 0.5, 1);
        run.tell("label:ä/f1", Double.NaN, 1);
        run.end(Status.FINISHED);
        run.end(Status.KILLED); // as when a finished program is told to end
        run.tell("train/loss", 0.25, 2);
        assertThat(stub.requests()).containsExactly("experiments/get-by-name", "experiments/create", "runs/search",
                "runs/create", "7 mine", "runs/log-batch", "runs/log-batch", "runs/log-batch", "runs/update");
        assertThat(stub.parameters()).containsOnly(Map.entry("method.rank", "8"));
        assertThat(stub.tags()).containsOnly(Map.entry("lorikeet.task", "classification"),
                Map.entry("lorikeet.run", "k1"));
        assertThat(stub.metric("train/loss")).containsExactly(new Point(1, 0.5));
        assertThat(stub.metric("label__/f1")).containsExactly(new Point(1, Double.NaN));
        assertThat(stub.statuses()).containsExactly("FINISHED");
        assertThat(stub.authorizations()).containsOnly("");
        assertThat(warnings).isEmpty();
    }

    @Test
    void noRequestHasMoreThanMlflowTakes() {
        Map<String, String> parameters = IntStream.range(0, 250).boxed()
                .collect(Collectors.toMap(i -> "p" + i, i -> "v"));
        MlflowRun run = new MlflowRun(at(stub.address(), Map.of()), new About("mine", 0, "k1", parameters, Map.of()),
                SHORT, warnings::add);
        IntStream.rangeClosed(1, 3500).forEach(step -> run.tell("train/loss", step, step));
        run.end(Status.FAILED);
        assertThat(stub.parameters()).isEqualTo(parameters);
        assertThat(stub.metric("train/loss")).extracting(Point::step)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 3500).boxed().toList());
        assertThat(stub.batches().subList(0, 3)).containsExactly(100, 100, 50);
        assertThat(stub.batches()).allMatch(size -> size <= 1000);
        assertThat(stub.statuses()).containsExactly("FAILED");
    }

    @ParameterizedTest
    @CsvSource({"'', '', token, Bearer token", "me, word, token, Basic bWU6d29yZA==", "me, '', '', ''"})
    void whoAsksIsSaidAsMlflowsOwnClientDoes(String user, String password, String token, String said) {
        run(Map.of("MLFLOW_TRACKING_USERNAME", user, "MLFLOW_TRACKING_PASSWORD", password, "MLFLOW_TRACKING_TOKEN",
                token)).end(Status.FINISHED);
        assertThat(stub.authorizations()).isNotEmpty().containsOnly(said);
        assertThat(at("https://host", Map.of("MLFLOW_TRACKING_TOKEN", "secret"))).hasToString("https://host");
    }

    @Test
    void aRunThatIsThereIsTakenAndOneThatGoesOnToldTheRest() {
        MlflowRun first = run(Map.of("MLFLOW_EXPERIMENT_ID", "7"));
        first.tell("train/loss", 3, 1);
        first.tell("train/loss", 2, 2);
        first.end(Status.KILLED);
        MlflowRun second = run(Map.of("MLFLOW_EXPERIMENT_ID", "7"));
        IntStream.rangeClosed(1, 3).forEach(step -> second.tell("train/loss", 4 - step, step));
        second.end(Status.FINISHED);
        assertThat(stub.metric("train/loss")).containsExactly(new Point(1, 3), new Point(2, 2), new Point(3, 1));
        assertThat(stub.statuses()).containsExactly("KILLED", "RUNNING", "FINISHED");
        assertThat(stub.requests()).containsOnlyOnce("runs/create").doesNotContain("experiments/get-by-name");
        MlflowRun third = run(stub.address(), Map.of("MLFLOW_RUN_ID", "r1"), "k3", SHORT);
        third.tell("train/loss", 9, 1);
        third.end(Status.FINISHED);
        assertThat(stub.metric("train/loss")).hasSize(4);
        assertThat(warnings).isEmpty();
    }

    @Test
    void aBusyServerGetsAllOfItLater() {
        stub.fail(3, 503);
        MlflowRun run = run(Map.of());
        run.tell("train/loss", 0.5, 1);
        while (stub.metric("train/loss").isEmpty()) {
            Thread.onSpinWait();
        }
        stub.fail(2, 429);
        run.end(Status.FINISHED);
        assertThat(stub.metric("train/loss")).containsExactly(new Point(1, 0.5));
        assertThat(stub.statuses()).containsExactly("FINISHED");
        assertThat(warnings).containsExactly("MLflow: " + stub.address() + " answers 503, and is tried again for some "
                + "minutes; the run goes on without it");
    }

    @Test
    void aRefusalIsToldOnceAndEndsIt() {
        stub.fail(1, 403);
        MlflowRun run = run(Map.of());
        while (warnings.isEmpty()) {
            Thread.onSpinWait();
        }
        run.tell("train/loss", 0.5, 1);
        run.end(Status.FINISHED);
        assertThat(stub.requests()).isEmpty();
        assertThat(warnings).containsExactly("MLflow: " + stub.address() + " answers 403: No, 403.; the run goes on "
                + "without it");
        run(Map.of("MLFLOW_RUN_ID", "none")).end(Status.FINISHED);
        assertThat(warnings).hasSize(2).last().asString().contains(" answers 404: No such run; ");
    }

    @Test
    void aServerThatIsGoneOrHangsHoldsUpNothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String address = "http://127.0.0.1:" + silent.getLocalPort();
            long start = System.nanoTime();
            MlflowRun run = run(address, Map.of(), "k1", new Patience(10, 10, 5, 200));
            run.tell("train/loss", 0.5, 1);
            run.end(Status.FINISHED);
            assertThat(System.nanoTime() - start).isLessThan(8_000_000_000L); // a request alone may take ten
            assertThat(warnings).containsExactly("MLflow: " + address + " did not take all numbers of the run in time; "
                    + "the run goes on without it");
            silent.close();
            run(address, Map.of(), "k1", SHORT).end(Status.FINISHED);
            assertThat(warnings).hasSize(2).last().asString().contains(" cannot be reached, and is tried again");
        }
    }

    @Test
    void thatAServerIsGivenUpIsSaidBesideThatItIsInTrouble() {
        stub.fail(1000, 503);
        MlflowRun run = run(Map.of());
        while (warnings.size() < 2) {
            Thread.onSpinWait();
        }
        run.end(Status.FINISHED);
        assertThat(warnings).hasSize(2).last().isEqualTo("MLflow: " + stub.address() + " answers 503, and is tried no "
                + "more; the run goes on without it");
    }

    @Test
    void aRunWhoseMakingWasNotAnsweredIsMadeOnce() {
        stub.loseTheMaking();
        MlflowRun run = run(Map.of());
        run.tell("train/loss", 0.5, 7);
        run.end(Status.FINISHED);
        assertThat(stub.requests()).containsOnlyOnce("runs/create");
        assertThat(stub.parameters()).containsOnly(Map.entry("method.rank", "8"));
        assertThat(stub.metric("train/loss")).containsExactly(new Point(7, 0.5));
        assertThat(stub.statuses()).containsExactly("RUNNING", "FINISHED");
        assertThat(warnings).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:5000/, http://127.0.0.1:5000", "https://a.example/mlflow//, https://a.example/mlflow",
        "databricks, ", "file:///mlruns, ", "sqlite:///m.db, ", "http://me:word@host, ", "http://host/?a=b, ",
        "http://, ", "'http://a b', ", "http://127.0.0.1:99999, ", "HTTP://host:65535, HTTP://host:65535"})
    void anAddressIsThatOfAServer(String text, @Nullable String expected) {
        assertThat(MlflowServer.address(text)).isEqualTo(expected == null ? null : URI.create(expected));
    }

    @Test
    void aTokenThatNoHeaderTakesIsRefusedWithoutBeingShown() {
        for (String token : List.of("secret\nsecret", "secret secret", "secreté")) {
            assertThatThrownBy(() -> at("http://127.0.0.1:5000", Map.of("MLFLOW_TRACKING_TOKEN", token)))
                    .isInstanceOf(InputException.class).hasMessageStartingWith("MLFLOW_TRACKING_TOKEN has ")
                    .message().doesNotContain("secret");
        }
        assertThat(at("http://127.0.0.1:5000", Map.of("MLFLOW_TRACKING_TOKEN", "abc\n")).authorization())
                .isEqualTo("Bearer abc");
    }
}
