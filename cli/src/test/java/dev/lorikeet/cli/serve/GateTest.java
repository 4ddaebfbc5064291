package dev.lorikeet.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void soManyComputeSoManyWaitAndTheNextIsRefused() throws Exception {
        Gate gate = new Gate(2, 1);
        Gate.Place first = gate.enter(LONG);
        Gate.Place second = gate.enter(LONG);
        CompletableFuture<Gate.Place> third = CompletableFuture.supplyAsync(() -> gate.enter(LONG));
        while (gate.waiting() == 0) {
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> gate.enter(LONG)).isInstanceOf(Refusal.class)
                .extracting(fault -> ((Refusal) fault).status()).isEqualTo(429);
        assertThat(gate.inside()).isEqualTo(2);
        first.close();
        third.get().close();
        second.close();
        assertThat(gate.inside()).isZero();
        assertThat(gate.waiting()).isZero();
    }

    @Test
    void whoWaitsTooLongIsToldSo() {
        Gate gate = new Gate(1, 1);
        Gate.Place place = gate.enter(LONG);
        assertThatThrownBy(() -> gate.enter(Duration.ofMillis(1))).isInstanceOf(Refusal.class)
                .extracting(fault -> ((Refusal) fault).status()).isEqualTo(504);
        assertThat(gate.waiting()).isZero();
        place.close();
    }
}
