package dev.lorikeet.lora;

import dev.lorikeet.tensor.Compute;
import dev.lorikeet.tensor.Matmul;
import dev.lorikeet.tensor.Matmul.Form;
import dev.lorikeet.tensor.Tensor;

/** How the rows that a layer gets vary together, summed up batch by batch. */
final class InputCovariance {
    /**
     * About the mean: what is subtracted from every row before it is squared, against cancellation; set by the first
     * batch.
     */
    private final double[] shift;
    /** Σ of the rows without the shift. */
    private final double[] sums;
    /** Σ of their products (in, in). */
    private final double[] products;
    private long count;

    InputCovariance(int inputs) {
        shift = new double[inputs];
        sums = new double[inputs];
        products = new double[inputs * inputs];
    }

    /** The rows that were added. */
    long count() {
        return count;
    }

    /** @param rows (n, in) */
    void add(Compute compute, Tensor rows) {
        int n = rows.shape().rows();
        int inputs = shift.length;
        if (n == 0) {
            return;
        }
        if (count == 0) {
            for (int i = 0; i < rows.size(); i++) {
                shift[i % inputs] += rows.data()[rows.offset() + i] / (double) n;
            }
        }
        Tensor moved = Tensor.zeros(n, inputs);
        for (int i = 0; i < moved.size(); i++) {
            double value = rows.data()[rows.offset() + i] - shift[i % inputs];
            moved.data()[i] = (float) value;
            sums[i % inputs] += value;
        }
        Tensor square = Tensor.zeros(inputs, inputs);
        Matmul.multiply(compute, Form.TN, 1f, moved, moved, square, false);
        for (int i = 0; i < products.length; i++) {
            products[i] += square.data()[i];
        }
        count += n;
    }

    /** Σ (x - mean)·(x - mean)ᵀ over all rows x, (in, in). */
    Tensor matrix() {
        int inputs = shift.length;
        Tensor matrix = Tensor.zeros(inputs, inputs);
        for (int i = 0; i < inputs; i++) {
            for (int j = 0; j < inputs; j++) {
                matrix.data()[i * inputs + j] = (float) (products[i * inputs + j] - sums[i] * sums[j] / count);
            }
        }
        return matrix;
    }
}
