/**
 * Examples to learn from: texts with labels, numbers or nothing beside them and sentences whose words have tags, from
 * files of any size, and from WordNet.
 *
 * <p>Read {@link dev.lorikeet.transformer.data.Examples} first, then {@link dev.lorikeet.transformer.data.Table}, which
 * makes them of the rows of a {@link dev.lorikeet.transformer.data.DataSource}, and
 * {@link dev.lorikeet.transformer.data.DataFile}, which knows classes; in
 * {@link dev.lorikeet.transformer.data.TaggedText} words have tags.
 *
 * <p>Always holds: examples have a fixed order that depends on the files and the seed alone; what is kept is immutable
 * and refused before it fills the memory, what is not kept is read again for each pass; a row that is wrong is named by
 * file and line.
 */
@NullMarked
package dev.lorikeet.transformer.data;

import org.jspecify.annotations.NullMarked;
