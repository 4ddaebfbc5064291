package dev.lorikeet.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.jr.ob.JSON;
import dev.lorikeet.autograd.Tape;
import dev.lorikeet.lora.Lora;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.transformer.model.Model;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The libraries as modules, found where the class path of this JVM has them. */
final class ProductModules {
    /** Those with a module descriptor, from the bottom up. */
    static final List<String> NAMES = List.of("tensor", "autograd", "transformer", "lora");

    /** What an application's module path has: the libraries and what they bring in. */
    static final List<Path> PATH = Stream.of(Tensor.class, Tape.class, Model.class, Lora.class, JsonFactory.class,
            JSON.class).map(ProductModules::location).toList();

    static final ModuleFinder FINDER = ModuleFinder.of(PATH.toArray(Path[]::new));

    private ProductModules() {}

    static ModuleDescriptor descriptor(String module) {
        return FINDER.find("dev.lorikeet." + module).orElseThrow().descriptor();
    }

    /** A layer with a module and those that it requires; other folders are looked at first. */
    static ModuleLayer layer(String module, Path... folders) {
        Configuration configuration = ModuleLayer.boot().configuration().resolve(
                ModuleFinder.compose(ModuleFinder.of(folders), FINDER), ModuleFinder.of(), Set.of(module));
        return ModuleLayer.boot().defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
    }

    /** The packages of a module that are exported to all, or else those that are exported to some by name. */
    static List<String> exported(ModuleDescriptor module, boolean toAll) {
        return module.exports().stream().filter(exports -> exports.isQualified() != toAll)
                .map(ModuleDescriptor.Exports::source).sorted().toList();
    }

    /** The binary names of all classes in a package of a module, sorted. */
    static List<String> classes(ModuleDescriptor module, String inPackage) throws IOException {
        try (ModuleReader reader = FINDER.find(module.name()).orElseThrow().open()) {
            return reader.list().filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .filter(name -> name.substring(0, name.lastIndexOf('.')).equals(inPackage)).sorted().toList();
        }
    }

    private static Path location(Class<?> of) {
        try {
            return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(of.getName(), e);
        }
    }
}
