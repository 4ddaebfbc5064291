package dev.lorikeet.transformer.training;

import dev.lorikeet.tensor.Random;
import dev.lorikeet.transformer.io.InputException;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The order of examples of which every class has as many in each epoch: a class that is rarer than that has each of its
 * examples once, and again, until its share is full; one that is more frequent has some of them, drawn anew for each
 * epoch.
 *
 * @param members the examples of each class that has any
 */
record Balance(Draws draws, int examples, int[][] members) {
    /** @throws InputException if the examples are more than are shuffled together */
    static Balance of(Trainable train, TrainingSettings settings, Draws draws) {
        if (train.size() > settings.shuffleWindow()) {
            throw new InputException(TrainingSettings.SAMPLING.name() + ": " + Sampling.BALANCED.fileName() + " is for "
                    + "examples that are shuffled together, of which there are " + train.size() + ", and "
                    + TrainingSettings.SHUFFLE_WINDOW.key() + " is " + settings.shuffleWindow());
        }
        int[] classes = IntStream.range(0, train.size()).map(train::classOf).toArray();
        int[][] members = IntStream.of(classes).distinct().sorted()
                .mapToObj(own -> IntStream.range(0, classes.length).filter(i -> classes[i] == own).toArray())
                .toArray(int[][]::new);
        return new Balance(draws, classes.length, members);
    }

    /** The examples of an epoch, which is from 0 on, in their order. */
    int[] order(int epoch) {
        long key = draws.epoch(epoch);
        int classes = members.length;
        // the classes that have one more, where they cannot all have as many
        int[] turns = Random.permutation(classes, Random.key(key, "classes"));
        int[] drawn = new int[examples];
        int size = 0;
        for (int i = 0; i < classes; i++) {
            int share = examples / classes + (i < examples % classes ? 1 : 0);
            int[] own = members[turns[i]];
            for (int taken = 0, round = 0; taken < share; round++) {
                int[] order = Random.permutation(own.length, Random.key(Random.key(key, turns[i]), round));
                int count = Math.min(own.length, share - taken);
                for (int j = 0; j < count; j++) {
                    drawn[size++] = own[order[j]];
                }
                taken += count;
            }
        }
        int[] order = Random.permutation(examples, key);
        Arrays.setAll(order, i -> drawn[order[i]]);
        return order;
    }
}
