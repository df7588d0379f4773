package io.attune.encoder;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The meters of the versions that are loaded.
final class LoadMetrics implements AutoCloseable {
  private final MeterRegistry meters;
  private final Gauge versions;
  private final Gauge bytes;
  private final Timer load;
  private final Counter refused;

  LoadMetrics(MeterRegistry meters, String executor, ResidentModels models) {
    this.meters = meters;
    versions =
        Gauge.builder(EncoderMeter.VERSIONS.key(), models, each -> each.held().size())
            .tag("executor", executor)
            .register(meters);
    bytes =
        Gauge.builder(EncoderMeter.MODEL_BYTES.key(), models, ResidentModels::bytes)
            .tag("executor", executor)
            .register(meters);
    load = Timer.builder(EncoderMeter.LOAD.key()).tag("executor", executor).register(meters);
    refused =
        Counter.builder(EncoderMeter.REFUSED.key()).tag("executor", executor).register(meters);
  }

  /// Loading a model.
  interface Load {
    EmbeddingModel load() throws InterruptedException;
  }

  /// Times a load, and counts it where it is refused.
  EmbeddingModel timed(Load load) throws InterruptedException {
    long start = System.nanoTime();
    try {
      EmbeddingModel model = load.load();
      this.load.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
      return model;
    } catch (RuntimeException failure) {
      refused.increment();
      throw failure;
    }
  }

  @Override
  public void close() {
    List.<Meter>of(versions, bytes, load, refused).forEach(meters::remove);
  }
}
