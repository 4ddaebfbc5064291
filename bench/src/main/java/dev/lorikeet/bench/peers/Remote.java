package dev.lorikeet.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An engine in another process, which runs {@link Host}. The time is measured there. */
final class Remote implements Engine {
    /** Settings by which users cripple OpenBLAS, often without knowing: a fair peer chooses for itself. */
    private static final List<String> UNSET = List.of("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS",
            "OMP_NUM_THREADS", "MKL_NUM_THREADS", "MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "ATEN_CPU_CAPABILITY");

    private final String name;
    private final Path log;
    private final Process process;
    private final PrintStream questions;
    private final BufferedReader answers;

    /**
     * @param command starts the process, a JVM that gets this one's class path
     * @param log takes what it prints on standard error
     */
    Remote(String name, List<String> command, Path log) throws IOException {
        this.name = name;
        this.log = log;
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        prepare(builder.environment());
        process = builder.start();
        questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static void prepare(Map<String, String> environment) {
        UNSET.forEach(environment::remove);
        // MKL's threads would spin for 200 ms after their work, while the next engine works
        environment.put("KMP_BLOCKTIME", "10");
        // not as an argument: ONNX Runtime 1.29 crashes where the command line is longer than 4 KiB
        environment.put("CLASSPATH", System.getProperty("java.class.path"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kernel() {
        return ask("kernel");
    }

    @Override
    public @Nullable Task prepare(Work work, int threads) {
        return ask("prepare " + threads + " " + work.line()).equals(Host.NONE) ? null : new RemoteTask();
    }

    @Override
    public long processorTime() {
        return process.info().totalCpuDuration().map(Duration::toMillis).orElse(0L);
    }

    /** @throws EngineException if the engine failed or its process has ended */
    private String ask(String question) {
        questions.println(question);
        try {
            for (String line = answers.readLine(); line != null; line = answers.readLine()) {
                if (line.startsWith(Host.MARK)) {
                    return answer(line.substring(Host.MARK.length()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
        throw new EngineException(name + ": its process ended; " + log + " may say why");
    }

    private String answer(String line) {
        if (line.startsWith(Host.FAILED)) {
            throw new EngineException(name + ": " + line.substring(Host.FAILED.length()));
        }
        return line;
    }

    @Override
    public void close() {
        questions.close();
        process.destroy();
    }

    /** What the process has prepared last. */
    private final class RemoteTask implements Task {
        @Override
        public void run() {
            time(1);
        }

        @Override
        public long time(int times) {
            return Long.parseLong(ask("time " + times));
        }

        @Override
        public double digest() {
            return Double.parseDouble(ask("digest"));
        }

        @Override
        public void close() {
            ask("release");
        }
    }
}
