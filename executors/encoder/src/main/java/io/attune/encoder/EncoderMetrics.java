package io.attune.encoder;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/// The encoder's counters.
final class EncoderMetrics implements AutoCloseable {
  private final MeterRegistry meters;
  private final Counter encoded;
  private final Counter kept;
  private final Counter skipped;
  private final Counter cut;
  private final Counter tokens;

  EncoderMetrics(MeterRegistry meters, String executor) {
    this.meters = meters;
    encoded = counter(EncoderMeter.ENCODED, executor);
    kept = counter(EncoderMeter.KEPT, executor);
    skipped = counter(EncoderMeter.SKIPPED, executor);
    cut = counter(EncoderMeter.CUT, executor);
    tokens = counter(EncoderMeter.TOKENS, executor);
  }

  /// Counts a request that was answered.
  void count(Work work) {
    encoded.increment(work.encoded());
    kept.increment(work.kept());
    skipped.increment(work.skipped());
    cut.increment(work.cut());
    tokens.increment((double) work.tokens());
  }

  @Override
  public void close() {
    List.of(encoded, kept, skipped, cut, tokens).forEach(meters::remove);
  }

  private Counter counter(EncoderMeter meter, String executor) {
    return Counter.builder(meter.key()).tag("executor", executor).register(meters);
  }
}
