package dev.lorikeet.tornado;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.ComputeProvider;
import java.util.Objects;

/** Finds the devices of TornadoVM, if the JVM was started with one. Names none of its types. */
public final class TornadoProvider implements ComputeProvider {

    @Override
    public String name() {
        return "TornadoVM";
    }

    @Override
    public Found find() {
        Detection.Verdict verdict = Detection.verdict();
        return new Found(verdict.devices().stream().map(Detection.Device::name).toList(), verdict.reason());
    }

    @Override
    public Compute open(int device, Compute processor) {
        Detection.Verdict verdict = Detection.verdict();
        if (verdict.devices().isEmpty()) {
            throw new IllegalArgumentException("device " + device + ": " + verdict.reason());
        }
        Objects.checkIndex(device, verdict.devices().size());
        return new TornadoCompute(verdict.devices().get(device), processor);
    }
}
