package dev.lorikeet.bench.peers.engines;

import ai.djl.ndarray.NDScope;
import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Batches.Labelled;
import dev.lorikeet.bench.peers.Digest;
import dev.lorikeet.bench.peers.Task;
import java.util.List;

/** The last hidden states; outside a gradient collector PyTorch records nothing. */
final class PyTorchForward implements Task {
    private final PyTorchBert bert;
    private final List<Labelled> batches;

    PyTorchForward(Batches batches) {
        this.bert = new PyTorchBert(batches.model());
        this.batches = batches.batches();
    }

    @Override
    public void run() {
        for (Labelled batch : batches) {
            try (NDScope _ = new NDScope()) {
                bert.hidden(batch);
            }
        }
    }

    @Override
    public double digest() {
        try (NDScope _ = new NDScope()) {
            return Digest.of(Padding.removed(batches.getFirst(), bert.hidden(batches.getFirst()).toFloatArray()));
        }
    }

    @Override
    public void close() {
        bert.close();
    }
}
