package dev.lorikeet.transformer.weights;

/** PyTorch's own files, which are programs: reading one may do anything, so that none is read here. */
public final class Pickles {
    private Pickles() {}

    /**
     * The rule of an error about a directory that has no other weights.
     *
     * @param stem of the files' names, {@code pytorch_model} or {@code adapter_model}
     * @param converted the file that is expected in their place
     */
    public static String rule(String stem, String converted) {
        return "there is " + stem
                + ".bin alone, a pickle, which is never read since it may run any program; this makes "
                + converted + " of it there: python -c \"import glob, torch, safetensors.torch as s; s.save_file({k: "
                + "v.contiguous().clone() for f in glob.glob('" + stem + "*.bin') for k, v in torch.load(f, "
                + "weights_only=True).items()}, '" + converted + "', {'format': 'pt'})\"";
    }
}
