/**
 * Talks as a model reads them: messages with roles, and the template that makes one text of them.
 *
 * <p>Read {@link dev.lorikeet.transformer.chat.ChatTemplate} first.
 *
 * <p>Always holds: the text is that of transformers' {@code apply_chat_template}, or the messages are refused.
 */
@NullMarked
package dev.lorikeet.transformer.chat;

import org.jspecify.annotations.NullMarked;
