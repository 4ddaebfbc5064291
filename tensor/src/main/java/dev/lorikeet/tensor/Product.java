package dev.lorikeet.tensor;

import dev.lorikeet.tensor.kernel.Kernels;
import dev.lorikeet.tensor.kernel.Loops;
import dev.lorikeet.tensor.kernel.ScalarKernels;
import dev.lorikeet.tensor.kernel.Scratch;

/**
 * C = α·A·B + β·C, see {@link Matmul#multiply}, cut into tasks. A thread has one object for all its products, since a
 * training step has hundreds: {@link #of} sets all but the right-hand side, {@link #run} does the work.
 */
final class Product implements Workers.Part {
    /** Rows of A in one task: few, so that no thread waits long for another's last task. */
    static final int ROWS = 48;
    /** Columns of B in one task. */
    static final int COLUMNS = 64;

    private static final float[] NONE = {};
    private static final ThreadLocal<Product> OWN = ThreadLocal.withInitial(Product::new);

    private Kernels kernels = new ScalarKernels();
    private int m;
    private int n;
    private int k;
    private float alpha;
    private float beta;
    private float[] a = NONE;
    private int ao;
    private int lda;
    /** Elements from one column of A to the next: more than 1 where A is stored transposed. */
    private int step;
    private float[] b = NONE;
    private int bo;
    private int ldb;
    /** Elements from one panel of B to the next; 0 where B is no panels. */
    private int panel;
    private float[] c = NONE;
    private int co;
    private int ldc;

    private Product() {}

    /** This thread's object, set to a product whose right-hand side comes with {@link #run}. */
    static Product of(Kernels kernels, int m, int k, float alpha, float[] a, int ao, int lda, int step, float beta,
            float[] c, int co, int ldc) {
        Product own = OWN.get();
        own.kernels = kernels;
        own.m = m;
        own.k = k;
        own.alpha = alpha;
        own.a = a;
        own.ao = ao;
        own.lda = lda;
        own.step = step;
        own.beta = beta;
        own.c = c;
        own.co = co;
        own.ldc = ldc;
        return own;
    }

    /**
     * Multiplies with {@code n} columns of B: rows {@code ldb} apart, in panels of ldb columns that lie {@code panel}
     * elements apart, or all in one where {@code panel} is 0.
     */
    void run(Workers workers, int n, float[] b, int bo, int ldb, int panel) {
        this.n = n;
        this.b = b;
        this.bo = bo;
        this.ldb = ldb;
        this.panel = panel;
        workers.run(Math.ceilDiv(m, ROWS) * Math.ceilDiv(n, COLUMNS), this);
        this.a = NONE; // a thread that sleeps keeps no matrix from the collector
        this.b = NONE;
        this.c = NONE;
    }

    @Override
    public void run(int task) {
        int rowTasks = Math.ceilDiv(m, ROWS);
        int from = task % rowTasks * ROWS;
        int first = task / rowTasks * COLUMNS;
        int rows = Math.min(ROWS, m - from);
        int last = Math.min(n, first + COLUMNS);
        int width = panel == 0 ? COLUMNS : ldb;
        for (int j = first; j < last; j += width) {
            int start = panel == 0 ? bo + j : bo + j / width * panel;
            block(from, rows, j, Math.min(width, last - j), start);
        }
    }

    /** Rows {@code from} … and columns {@code column} … of C; those of B begin at {@code start}. */
    private void block(int from, int rows, int column, int columns, int start) {
        int target = co + from * ldc + column;
        int left = ao + from * lda;
        if (alpha == 1) {
            scale(rows, columns, beta, target);
            kernels.matmul(rows, columns, k, a, left, lda, step, b, start, ldb, c, target, ldc, beta != 0);
            return;
        }
        float[] sums = beta == 0 ? c : Scratch.SUMS.of(rows * columns);
        int so = beta == 0 ? target : 0;
        int lds = beta == 0 ? ldc : columns;
        kernels.matmul(rows, columns, k, a, left, lda, step, b, start, ldb, sums, so, lds, false);
        if (beta == 0) {
            scale(rows, columns, alpha, target);
            return;
        }
        scale(rows, columns, beta, target);
        for (int i = 0; i < rows; i++) {
            Loops.addScaled(columns, sums, so + i * lds, alpha, c, target + i * ldc);
        }
    }

    private void scale(int rows, int columns, float factor, int at) {
        if (factor == 0 || factor == 1) {
            return;
        }
        if (columns == ldc) { // of an adapter they are few, too few for a loop each
            Loops.scale(rows * columns, c, at, factor, c, at);
            return;
        }
        for (int i = 0; i < rows; i++) {
            Loops.scale(columns, c, at + i * ldc, factor, c, at + i * ldc);
        }
    }
}
