package dev.lorikeet.transformer.training;

import dev.lorikeet.transformer.data.Dataset;
import dev.lorikeet.transformer.data.Example;
import dev.lorikeet.transformer.io.Shown;
import dev.lorikeet.transformer.model.Batch;
import dev.lorikeet.transformer.model.Classifier;
import dev.lorikeet.transformer.tokenizer.Encoding;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A data set as token ids.
 *
 * @param ids of each example
 * @param labels of each example
 * @param truncated how many of the texts are longer than the model can read, and were cut
 */
public record EncodedDataset(List<int[]> ids, int[] labels, int truncated) {
    /** @throws IllegalArgumentException if the data set has other classes than the classifier */
    public static EncodedDataset of(Classifier classifier, Dataset data) {
        if (!data.labels().equals(classifier.labels())) {
            throw new IllegalArgumentException("data set " + data.name() + " has the classes "
                    + Shown.names(data.labels()) + ", the classifier " + Shown.names(classifier.labels()));
        }
        List<Encoding> encodings = data.examples().stream().map(example -> classifier.encoding(example.text()))
                .toList();
        return new EncodedDataset(encodings.stream().map(Encoding::ids).toList(),
                data.examples().stream().mapToInt(Example::label).toArray(),
                (int) encodings.stream().filter(encoding -> encoding.truncated() > 0).count());
    }

    public int size() {
        return labels.length;
    }

    long tokens() {
        return ids.stream().mapToLong(sequence -> sequence.length).sum();
    }

    /** The number of tokens in the longest of {@code batches}. */
    public int mostTokens(List<int[]> batches) {
        return batches.stream().mapToInt(which -> Arrays.stream(which).map(i -> ids.get(i).length).sum()).max()
                .orElse(0);
    }

    /** The examples {@code which}. */
    public Batch batch(int[] which) {
        return Batch.of(Arrays.stream(which).mapToObj(ids::get).toList());
    }

    /** The labels of the examples {@code which}. */
    public int[] labels(int[] which) {
        return Arrays.stream(which).map(i -> labels[i]).toArray();
    }

    /** The examples in {@code order}, cut into batches of {@code size}; the last may be smaller. */
    public static List<int[]> batches(int[] order, int size) {
        return IntStream.range(0, Math.ceilDiv(order.length, size))
                .mapToObj(b -> Arrays.copyOfRange(order, b * size, Math.min(order.length, (b + 1) * size))).toList();
    }

    /** The examples as they stand, in batches. */
    List<int[]> batches(int size) {
        return batches(IntStream.range(0, size()).toArray(), size);
    }
}
