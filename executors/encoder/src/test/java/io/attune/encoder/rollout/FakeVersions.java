package io.attune.encoder.rollout;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Versions that are numbers.
final class FakeVersions implements Versions {
  /// What was loaded, in order.
  final List<ModelVersion> loads = Collections.synchronizedList(new ArrayList<>());

  /// Counted down when the version to block at is being loaded.
  final CountDownLatch blocked = new CountDownLatch(1);

  final AtomicInteger interrupted = new AtomicInteger();
  volatile @Nullable ModelVersion poisoned;
  volatile @Nullable ModelVersion blocking;
  private final Set<ModelVersion> held =
      new TreeSet<>(Comparator.comparingInt(ModelVersion::version));
  private ModelVersion live;

  FakeVersions(ModelVersion live, ModelVersion... more) {
    this.live = live;
    held.add(live);
    held.addAll(List.of(more));
  }

  @Override
  public void load(ModelVersion version, Command.Expected expected, Consumer<String> steps)
      throws InterruptedException {
    steps.accept("loading " + version);
    if (version.equals(blocking)) {
      blocked.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.incrementAndGet();
        throw e;
      }
    }
    if (version.equals(poisoned)) {
      throw new FlowException(ErrorCode.FAILED_PRECONDITION, "model " + version + ": poisoned");
    }
    synchronized (this) {
      if (held.add(version)) {
        loads.add(version);
      }
    }
  }

  @Override
  public synchronized void serve(ModelVersion version, Collection<ModelVersion> kept) {
    if (!held.contains(version)) {
      throw new AssertionError(version + " is not there");
    }
    live = version;
    held.retainAll(kept);
  }

  synchronized ModelVersion live() {
    return live;
  }

  synchronized List<ModelVersion> versions() {
    return List.copyOf(held);
  }

  @Override
  public List<Held> held() {
    return versions().stream()
        .map(version -> new Held(version, "space-" + version.version(), 1, true))
        .toList();
  }
}
