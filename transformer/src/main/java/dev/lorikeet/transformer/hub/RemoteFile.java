package dev.lorikeet.transformer.hub;

/**
 * A file of a repository.
 *
 * @param path in the repository
 * @param size in bytes
 * @param etag its SHA-256, 64 hexadecimal digits, or the SHA-1 of its git blob, 40
 */
record RemoteFile(String path, long size, String etag) {}
