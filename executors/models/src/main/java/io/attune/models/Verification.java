package io.attune.models;

/// What a check of a stored model found.
///
/// @param files files whose SHA-256 was recomputed
/// @param goldens inputs that were embedded again, of the master and each variant
/// @param leastCosine the least cosine between the master's embeddings and the goldens
public record Verification(int files, int goldens, double leastCosine) {}
