package dev.lorikeet.bench.peers.engines;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lorikeet.bench.peers.Batches;
import dev.lorikeet.bench.peers.Batches.Labelled;
import dev.lorikeet.bench.peers.Digest;
import dev.lorikeet.bench.peers.Engine;
import dev.lorikeet.bench.peers.Task;
import dev.lorikeet.bench.peers.Work;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime with the model's original file, all of its graph optimizations, and padded batches with a mask. */
final class OnnxRuntime implements Engine {
    private static final String MODEL = "/all-minilm-l6-v2.onnx";

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    @Override
    public String name() {
        return "ONNX Runtime";
    }

    @Override
    public String kernel() {
        return environment.getVersion() + ", its own kernels (MLAS)";
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        if (!(work instanceof Work.Encoder encoder) || encoder.pass() != Work.Pass.FORWARD) {
            return null;
        }
        try (InputStream onnx = OnnxRuntime.class.getResourceAsStream(MODEL);
                OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            OrtSession session = environment.createSession(Objects.requireNonNull(onnx, MODEL).readAllBytes(), options);
            return new Forward(session, Batches.of(encoder).batches());
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(MODEL, e);
        }
    }

    /** The last hidden states. */
    private final class Forward implements Task {
        private final OrtSession session;
        private final List<Labelled> batches;
        private final List<Map<String, OnnxTensor>> inputs;

        Forward(OrtSession session, List<Labelled> batches) {
            this.session = session;
            this.batches = batches;
            this.inputs = batches.stream().map(this::inputs).toList();
        }

        private Map<String, OnnxTensor> inputs(Labelled batch) {
            int sequences = batch.sequences().size();
            long[][] ids = new long[sequences][batch.longest()];
            long[][] mask = new long[sequences][batch.longest()];
            for (int s = 0; s < sequences; s++) {
                int[] sequence = batch.sequences().get(s);
                for (int t = 0; t < sequence.length; t++) {
                    ids[s][t] = sequence[t];
                }
                Arrays.fill(mask[s], 0, sequence.length, 1);
            }
            try {
                return Map.of("input_ids", OnnxTensor.createTensor(environment, ids), "attention_mask",
                        OnnxTensor.createTensor(environment, mask), "token_type_ids",
                        OnnxTensor.createTensor(environment, new long[sequences][batch.longest()]));
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void run() {
            for (Map<String, OnnxTensor> input : inputs) {
                try (OrtSession.Result _ = session.run(input)) {
                    continue;
                } catch (OrtException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public double digest() {
            try (OrtSession.Result result = session.run(inputs.getFirst())) {
                OnnxTensor hidden = (OnnxTensor) result.get("last_hidden_state").orElseThrow();
                FloatBuffer padded = hidden.getFloatBuffer();
                return Digest.of(Padding.removed(batches.getFirst(), padded.array()));
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            inputs.forEach(input -> input.values().forEach(OnnxTensor::close));
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
