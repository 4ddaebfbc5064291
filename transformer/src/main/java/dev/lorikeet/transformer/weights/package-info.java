/**
 * Weight files: safetensors and GGUF read and written, ONNX initialisers read, the built-in models unpacked into the
 * cache.
 *
 * <p>Read {@link dev.lorikeet.transformer.weights.TensorFile} first, then
 * {@link dev.lorikeet.transformer.weights.Safetensors}.
 *
 * <p>Always holds: a file is checked whole before the first tensor is read, its lengths and offsets are never trusted,
 * and every fault is an {@code InputException} that names the file, the tensor or byte, and the rule.
 */
@NullMarked
package dev.lorikeet.transformer.weights;

import org.jspecify.annotations.NullMarked;
