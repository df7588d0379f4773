package io.attune.indexer;

import io.attune.indexer.generation.Change;
import org.jspecify.annotations.Nullable;

/// A change and the space of its vectors.
///
/// @param space null for a delete
record Located(Change change, @Nullable String space) {}
