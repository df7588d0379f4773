package io.attune.encoder;

/// The names of the encoder's meters, beside those of its queue; tag `executor`.
public enum EncoderMeter {
  /// Counter: documents that got an embedding.
  ENCODED("attune.encoder.encoded"),
  /// Counter: documents that had an embedding and kept it.
  KEPT("attune.encoder.kept"),
  /// Counter: documents without content that the model reads.
  SKIPPED("attune.encoder.skipped"),
  /// Counter: texts that were longer than the model reads, and were cut.
  CUT("attune.encoder.cut"),
  /// Counter: tokens that were embedded, without padding.
  TOKENS("attune.encoder.tokens"),
  /// Gauge: versions that are loaded, those that wait for their last request included.
  VERSIONS("attune.encoder.versions"),
  /// Gauge: bytes that they take, estimated.
  MODEL_BYTES("attune.encoder.model.bytes"),
  /// Timer: loading a version beside another, with its checks and warm-up.
  LOAD("attune.encoder.load"),
  /// Counter: versions that were refused.
  REFUSED("attune.encoder.refused");

  private final String key;

  EncoderMeter(String key) {
    this.key = key;
  }

  /// The meter's name.
  public String key() {
    return key;
  }
}
