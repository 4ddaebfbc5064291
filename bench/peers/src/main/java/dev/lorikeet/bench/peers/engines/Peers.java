package dev.lorikeet.bench.peers.engines;

import dev.lorikeet.bench.peers.Bench;
import dev.lorikeet.bench.peers.Engine;
import dev.lorikeet.bench.peers.Host;
import dev.lorikeet.bench.peers.Work;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** {@code lorikeet bench peers}: the command, and the processes that it starts, one for each native engine. */
public final class Peers {
    private static final String ENGINE = "--engine";
    private static final Map<String, Supplier<Engine>> ENGINES = new LinkedHashMap<>();

    static {
        ENGINES.put("PyTorch", PyTorch::new);
        ENGINES.put("OpenBLAS", OpenBlas::new);
        ENGINES.put("MKL", Mkl::new);
        ENGINES.put("ND4J", Nd4jEngine::new);
        ENGINES.put("ONNX Runtime", OnnxRuntime::new);
        ENGINES.put(Work.Tokens.ENGINE, HuggingFaceTokenizers::new);
    }

    private Peers() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 2 && arguments[0].equals(ENGINE)) {
            PrintStream answers = System.out;
            System.setOut(System.err); // libraries greet and warn there
            Host.serve(Objects.requireNonNull(ENGINES.get(arguments[1]), arguments[1]).get(), System.in, answers);
            System.exit(0); // some libraries' threads would keep it alive
        }
        System.exit(Bench.run(ENGINES.keySet(), Peers.class.getName(), ENGINE, arguments));
    }
}
