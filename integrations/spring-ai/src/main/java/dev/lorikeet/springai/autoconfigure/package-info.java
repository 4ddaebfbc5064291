/**
 * What Spring Boot makes of the properties below {@code spring.ai.lorikeet}, see {@link
 * dev.lorikeet.springai.autoconfigure.LorikeetProperties}: an embedding model, a chat model, the model of a run, and
 * their health.
 */
@NullMarked
package dev.lorikeet.springai.autoconfigure;

import org.jspecify.annotations.NullMarked;
