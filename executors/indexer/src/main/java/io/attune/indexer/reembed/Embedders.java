package io.attune.indexer.reembed;

import io.attune.runtime.ModelVersion;

/// Knows the embedder of a model's version.
@FunctionalInterface
public interface Embedders {
  /// The embedder of a version; who asks closes it. Whether it works shows when it is called.
  ///
  /// @param address where, as `grpc://host:port`; empty for where it is by configuration
  Embedder of(ModelVersion version, String address);
}
