package io.attune.flows.config;

import io.attune.flows.yaml.Keys;

/// `compression`, default NoCompression: of calls within the Flow (others are not available yet).
final class CompressionConfig {
  private CompressionConfig() {}

  /// What gRPC offers.
  enum Compression {
    NOCOMPRESSION,
    DEFLATE,
    GZIP
  }

  static void read(Keys keys) {
    Compression compression = keys.oneOf("compression", Compression.class);
    if (compression != null && compression != Compression.NOCOMPRESSION) {
      keys.notYet("compression", compression.name(), "NoCompression");
    }
  }
}
