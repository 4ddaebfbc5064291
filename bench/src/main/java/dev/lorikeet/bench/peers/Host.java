package dev.lorikeet.bench.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Serves an engine to the process that started this one, see {@link Remote}. A line of text asks, a line that begins
 * with {@value #MARK} answers; whatever else a native library prints is not looked at.
 *
 * <p>Each engine has a process of its own: OpenBLAS and MKL export the same names, ND4J and PyTorch bring versions of
 * both, and the libraries' idle threads belong to one owner.
 */
public final class Host {
    static final String MARK = "@ ";
    static final String NONE = "none";
    static final String FAILED = "failed ";

    private final Engine engine;
    private @Nullable Task task;

    private Host(Engine engine) {
        this.engine = engine;
    }

    /** Answers until {@code in} ends. */
    public static void serve(Engine engine, InputStream in, PrintStream out) throws IOException {
        Host host = new Host(engine);
        BufferedReader questions = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String question = questions.readLine(); question != null; question = questions.readLine()) {
            out.println(MARK + host.answer(question));
            out.flush();
        }
        host.release();
        engine.close();
    }

    private String answer(String question) {
        try {
            String[] words = question.split(" ", 3);
            return switch (words[0]) {
                case "kernel" -> engine.kernel();
                case "prepare" -> prepare(Work.parse(words[2]), Integer.parseInt(words[1]));
                case "time" -> Long.toString(prepared().time(Integer.parseInt(words[1])));
                case "digest" -> Double.toString(prepared().digest());
                case "release" -> release();
                default -> FAILED + "no such question: " + question;
            };
        } catch (RuntimeException | LinkageError e) { // the engine's, whatever it is: the other side says so
            return FAILED + String.valueOf(e).lines().findFirst().orElse("");
        }
    }

    private String prepare(Work work, int threads) {
        release();
        task = engine.prepare(work, threads);
        return task == null ? NONE : "ready";
    }

    private Task prepared() {
        return Objects.requireNonNull(task, "nothing is prepared");
    }

    private String release() {
        if (task != null) {
            task.close();
            task = null;
        }
        return NONE;
    }
}
