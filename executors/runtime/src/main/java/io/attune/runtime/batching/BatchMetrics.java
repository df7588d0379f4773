package io.attune.runtime.batching;

import static java.util.Objects.requireNonNull;

import io.attune.runtime.Priority;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/// The meters of one priority of a queue: tags `queue` (its name) and `priority`.
final class BatchMetrics implements AutoCloseable {
  private final MeterRegistry meters;
  private final List<Meter> registered = new ArrayList<>();
  private final Timer wait;
  private final Timer run;
  private final DistributionSummary items;
  private final DistributionSummary cost;
  private final Counter rejected;
  private final Counter failed;
  private final Map<DropReason, Counter> dropped = new EnumMap<>(DropReason.class);

  BatchMetrics(MeterRegistry meters, String queue, Backlog<?, ?> backlog) {
    this.meters = meters;
    Priority priority = backlog.priority();
    Tags tags = Tags.of("queue", queue, "priority", priority.name().toLowerCase(Locale.ROOT));
    gauge(BatchMeter.WAITING_ITEMS, tags, backlog, Backlog::size);
    gauge(BatchMeter.WAITING_COST, tags, backlog, Backlog::cost);
    wait = keep(Timer.builder(BatchMeter.WAIT.key()).tags(tags).register(meters));
    run = keep(Timer.builder(BatchMeter.RUN.key()).tags(tags).register(meters));
    items = summary(BatchMeter.ITEMS, tags);
    cost = summary(BatchMeter.COST, tags);
    rejected = counter(BatchMeter.REJECTED, tags);
    failed = counter(BatchMeter.FAILED, tags);
    for (DropReason reason : DropReason.values()) {
      String name = reason.name().toLowerCase(Locale.ROOT);
      dropped.put(reason, counter(BatchMeter.DROPPED, tags.and("reason", name)));
    }
  }

  void started(Batch<?, ?> batch, long nowNanos) {
    items.record(batch.items().size());
    cost.record((double) batch.cost());
    for (Item<?, ?> item : batch.items()) {
      wait.record(nowNanos - item.arrivalNanos(), TimeUnit.NANOSECONDS);
    }
  }

  void ran(long nanos) {
    run.record(nanos, TimeUnit.NANOSECONDS);
  }

  void rejected(int count) {
    rejected.increment(count);
  }

  void failed(int count) {
    failed.increment(count);
  }

  void dropped(DropReason reason, int count) {
    requireNonNull(dropped.get(reason)).increment(count);
  }

  @Override
  public void close() {
    registered.forEach(meters::remove);
  }

  private <T> void gauge(BatchMeter meter, Tags tags, T source, ToDoubleFunction<T> value) {
    keep(Gauge.builder(meter.key(), source, value).tags(tags).register(meters));
  }

  private DistributionSummary summary(BatchMeter meter, Tags tags) {
    return keep(DistributionSummary.builder(meter.key()).tags(tags).register(meters));
  }

  private Counter counter(BatchMeter meter, Tags tags) {
    return keep(Counter.builder(meter.key()).tags(tags).register(meters));
  }

  private <M extends Meter> M keep(M meter) {
    registered.add(meter);
    return meter;
  }
}
