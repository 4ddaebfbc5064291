package dev.lorikeet.tornado;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import uk.ac.manchester.tornado.api.KernelContext;

/** Work-groups in Java: a thread for each work-item, a barrier that is one, and local memory that a group shares. */
final class Groups {
    private Groups() {}

    /** Runs {@code kernel} for groups (gx, gy) of (lx, ly) items, one group after the other. */
    static void run(int gx, int gy, int lx, int ly, Consumer<KernelContext> kernel) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int g = 0; g < gx * gy; g++) {
                Group group = new Group(lx * ly);
                List<Future<?>> items = new ArrayList<>();
                for (int i = 0; i < lx * ly; i++) {
                    KernelContext item = new Item(group, new int[] {g % gx, g / gx}, new int[] {i % lx, i / lx});
                    items.add(threads.submit(() -> kernel.accept(item)));
                }
                for (Future<?> item : items) {
                    item.get();
                }
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Group {
        final CyclicBarrier barrier;
        final List<float[]> local = new ArrayList<>();

        Group(int items) {
            barrier = new CyclicBarrier(items);
        }

        synchronized float[] local(int number, int length) {
            if (number == local.size()) {
                local.add(new float[length]);
            }
            return local.get(number);
        }
    }

    private static final class Item extends KernelContext {
        private final Group group;
        private int allocated;

        Item(Group group, int[] groupIndex, int[] localIndex) {
            this.group = group;
            set("groupIdx", groupIndex[0]);
            set("groupIdy", groupIndex[1]);
            set("localIdx", localIndex[0]);
            set("localIdy", localIndex[1]);
        }

        private void set(String field, int value) {
            try {
                var place = KernelContext.class.getField(field);
                place.setAccessible(true);
                place.set(this, value);
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public float[] allocateFloatLocalArray(int length) {
            return group.local(allocated++, length);
        }

        @Override
        public void localBarrier() {
            try {
                group.barrier.await();
            } catch (InterruptedException | BrokenBarrierException e) {
                throw new AssertionError(e);
            }
        }
    }
}
