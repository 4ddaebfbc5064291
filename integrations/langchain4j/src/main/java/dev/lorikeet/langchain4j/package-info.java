/**
 * LangChain4j's models by Lorikeet: each is made of what the library has loaded. Begin with {@link
 * dev.lorikeet.langchain4j.LorikeetEmbeddingModel} and {@link dev.lorikeet.langchain4j.LorikeetChatModel}.
 */
@NullMarked
package dev.lorikeet.langchain4j;

import org.jspecify.annotations.NullMarked;
