/**
 * Labelled texts and tagged sentences: from files, and from WordNet.
 *
 * <p>Read {@link dev.lorikeet.transformer.data.Dataset} first, then {@link dev.lorikeet.transformer.data.DataFile};
 * {@link dev.lorikeet.transformer.data.TaggedFile} has sentences whose tokens have tags.
 *
 * <p>Always holds: a data set is immutable, its examples have a fixed order that depends on the file and the seed
 * alone, and every label is an index into its list of labels.
 */
@NullMarked
package dev.lorikeet.transformer.data;

import org.jspecify.annotations.NullMarked;
