package io.attune.trainer.data.collation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Batch;
import io.attune.trainer.data.DataOptions;
import io.attune.trainer.data.TrainingData;
import io.attune.trainer.data.sampler.Epoch;
import io.attune.trainer.data.sampler.Sampler;
import io.attune.trainer.data.sampler.SamplerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BatchFeedTest {
  @TempDir private Path folder;
  private TrainingData data;
  private Epoch epoch;

  @BeforeEach
  void read() throws IOException {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      csv.append("text ").append(i).append(',').append(i / 2).append('\n');
    }
    Path file = Files.writeString(folder.resolve("train.csv"), csv);
    data = TrainingData.read(file, DataOptions.DEFAULTS.withLabeled(true));
    epoch = Sampler.of(data, SamplerOptions.of(4)).epoch(0);
    assertThat(epoch.size()).isEqualTo(10);
  }

  @AfterEach
  void close() {
    data.close();
  }

  /// Says which steps it was asked for, and on which thread.
  private static class Recorder implements Collator {
    final List<Integer> steps = new ArrayList<>();
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    @Override
    public Encoded encode(List<Document> documents, boolean again, IntPredicate isQuery) {
      throw new AssertionError();
    }

    @Override
    public EncodedStep encode(int step, Batch batch) {
      synchronized (steps) {
        steps.add(step);
      }
      threads.add(Thread.currentThread());
      return new EncodedStep(step, batch, List.of());
    }
  }

  @Test
  void stepsComeInOrderFromAThreadOfTheirOwn() {
    Recorder recorder = new Recorder();
    List<Integer> steps = new ArrayList<>();
    try (BatchFeed feed = BatchFeed.start(epoch, 3, recorder)) {
      while (feed.hasNext()) {
        EncodedStep step = feed.next();
        assertThat(step.batch().items()).isEqualTo(epoch.batch(step.step()).items());
        steps.add(step.step());
      }
    }
    assertThat(steps).containsExactly(3, 4, 5, 6, 7, 8, 9);
    assertThat(recorder.threads).hasSize(1).doesNotContain(Thread.currentThread());
    assertThat(recorder.threads.iterator().next().isAlive()).isFalse();
  }

  @Test
  void noMoreStepsAreMadeThanMayBeReady() throws InterruptedException {
    Semaphore made = new Semaphore(0);
    Recorder recorder =
        new Recorder() {
          @Override
          public EncodedStep encode(int step, Batch batch) {
            made.release();
            return super.encode(step, batch);
          }
        };
    try (BatchFeed feed = BatchFeed.start(epoch, 0, recorder, 2)) {
      made.acquire(3); // two are ready, the third waits for room
      assertThat(feed.next().step()).isZero();
      made.acquire(1);
    }
    assertThat(recorder.steps).hasSizeLessThanOrEqualTo(4);
    assertThat(recorder.threads.iterator().next().isAlive()).isFalse();
  }

  @Test
  void whatGoesWrongIsThrownWhereTheStepWouldBe() {
    Recorder recorder =
        new Recorder() {
          @Override
          public EncodedStep encode(int step, Batch batch) {
            if (step == 2) {
              throw FlowException.invalid("document x: none (expected: one)");
            }
            return super.encode(step, batch);
          }
        };
    try (BatchFeed feed = BatchFeed.start(epoch, 0, recorder, 1)) {
      assertThat(feed.next().step()).isZero();
      assertThat(feed.next().step()).isEqualTo(1);
      assertThatThrownBy(feed::next)
          .isInstanceOf(FlowException.class)
          .hasMessage("document x: none (expected: one)");
      assertThatThrownBy(feed::hasNext).isInstanceOf(FlowException.class);
    }
  }

  @Test
  void closingEndsAThreadThatWaitsForRoom() throws InterruptedException {
    CountDownLatch second = new CountDownLatch(2);
    Recorder recorder =
        new Recorder() {
          @Override
          public EncodedStep encode(int step, Batch batch) {
            second.countDown();
            return super.encode(step, batch);
          }
        };
    BatchFeed feed = BatchFeed.start(epoch, 0, recorder, 1);
    second.await();
    feed.close();
    assertThat(recorder.threads.iterator().next().isAlive()).isFalse();
    assertThat(feed.hasNext()).isFalse();
    feed.close();
  }
}
