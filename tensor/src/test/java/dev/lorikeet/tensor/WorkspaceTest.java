package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkspaceTest {
    private final Workspace workspace = new Workspace();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64, 65, 1000, 4097, 1 << 20})
    void whatIsGivenBackIsTakenAgain(int size) {
        Tensor first = workspace.take(Shape.of(size));
        assertThat(first.shape()).isEqualTo(Shape.of(size));
        workspace.give(first);
        Tensor second = workspace.take(Shape.of(1, size));
        assertThat(second.shape()).isEqualTo(Shape.of(1, size));
        assertThat(second.data()).isSameAs(first.data());
        assertThat(workspace.take(Shape.of(size)).data()).isNotSameAs(first.data());
    }

    @Test
    void aViewBringsItsBufferBack() {
        Tensor tensor = workspace.take(Shape.of(10, 100));
        workspace.give(tensor.reshape(100, 10).rows(0, 50));
        assertThat(workspace.take(Shape.of(10, 100)).data()).isSameAs(tensor.data());
    }

    @Test
    void aSteadyStepMakesNoNewBuffersHoweverItsSizesAreOrdered() {
        Set<float[]> all = Collections.newSetFromMap(new IdentityHashMap<>());
        int afterTwoSteps = 0;
        for (int step = 0; step < 20; step++) {
            Set<float[]> out = Collections.newSetFromMap(new IdentityHashMap<>());
            List<Tensor> taken = new ArrayList<>();
            for (int i : Random.permutation(40, step)) {
                Tensor tensor = workspace.take(Shape.of(i, 3 * i));
                assertThat(out.add(tensor.data())).as("not handed out twice").isTrue();
                taken.add(tensor);
            }
            all.addAll(out);
            taken.forEach(workspace::give);
            afterTwoSteps = step == 1 ? all.size() : afterTwoSteps;
        }
        assertThat(all).hasSize(afterTwoSteps);
    }

    @Test
    void theBuffersOfTheFirstStepServeShorterAndLongerSteps() {
        Set<float[]> first = buffersOfAStep(50);
        for (int rows : new int[] {20, 66, 41, 3, 66, 50}) {
            assertThat(first.containsAll(buffersOfAStep(rows))).as("%d rows", rows).isTrue();
        }
        int elements = first.stream().mapToInt(buffer -> buffer.length).sum();
        assertThat(elements).as("no more than twice what 66 rows need").isLessThan(2 * 3 * 66 * (384 + 1536 + 8));
    }

    /** As of three layers: each keeps two tensors to the end, and gives one and a transposed weight back at once. */
    private Set<float[]> buffersOfAStep(int rows) {
        workspace.expect(rows, 66);
        Set<float[]> all = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Tensor> kept = new ArrayList<>();
        for (int layer = 0; layer < 3; layer++) {
            Tensor weight = workspace.take(Shape.of(8, 384));
            Tensor reduced = workspace.take(Shape.of(rows, 8));
            kept.add(workspace.take(Shape.of(rows, 384)));
            kept.add(workspace.take(Shape.of(rows, 1536)));
            all.addAll(List.of(weight.data(), reduced.data()));
            workspace.give(reduced);
            workspace.give(weight);
        }
        for (Tensor tensor : kept) {
            all.add(tensor.data());
            workspace.give(tensor);
        }
        return all;
    }
}
