/**
 * Spring AI's models by Lorikeet: each is made of what the library has loaded. Begin with {@link
 * dev.lorikeet.springai.LorikeetEmbeddingModel} and {@link dev.lorikeet.springai.LorikeetChatModel}; Spring Boot makes
 * both of properties, see {@link dev.lorikeet.springai.autoconfigure}.
 */
@NullMarked
package dev.lorikeet.springai;

import org.jspecify.annotations.NullMarked;
