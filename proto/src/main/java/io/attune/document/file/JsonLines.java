package io.attune.document.file;

/// One document as JSON in each line, in UTF-8. Blank lines are skipped; keys that no document has
/// become tags, as in docarray's `from_ndjson`; a document without an id gets a fresh one. What is
/// written is what is there, fields that are not set left out.
public record JsonLines() implements DocumentFormat {}
