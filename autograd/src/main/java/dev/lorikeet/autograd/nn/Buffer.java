package dev.lorikeet.autograd.nn;

import dev.lorikeet.tensor.Tensor;

/** A tensor of a module that is read and written like a parameter, and never trained: PyTorch's buffer. */
public final class Buffer extends Parameter {
    public Buffer(Tensor value) {
        super(value);
    }

    /** Does nothing. */
    @Override
    public void unfreeze() {}
}
