package dev.lorikeet.all;

import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The jar that this module makes, and the modules that it is made from, where the class path of this JVM has them. */
final class OneJar {
    static final Path PATH = Path.of(System.getProperty("lorikeet.jar"));

    static final ModuleReference MODULE = ModuleFinder.of(PATH).find("dev.lorikeet.all").orElseThrow();

    static final List<ModuleReference> PARTS = Stream.of(Tensor.class, Tape.class, Model.class, Lora.class)
            .map(OneJar::module).toList();

    private OneJar() {}

    /** The names of its files, without folders. */
    static List<String> files() {
        try (JarFile jar = new JarFile(PATH.toFile())) {
            return jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] read(String name) throws IOException {
        try (JarFile jar = new JarFile(PATH.toFile())) {
            return jar.getInputStream(jar.getEntry(name)).readAllBytes();
        }
    }

    /** The names of a module's files, without folders. */
    static List<String> files(ModuleReference module) {
        try (ModuleReader reader = module.open()) {
            return reader.list().filter(name -> !name.endsWith("/")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModuleReference module(Class<?> of) {
        try {
            Path place = Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
            return ModuleFinder.of(place).findAll().iterator().next();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(of.getName(), e);
        }
    }
}
