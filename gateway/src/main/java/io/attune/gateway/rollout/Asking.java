package io.attune.gateway.rollout;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One question at a time, asked outside the lock of a [Driver], which guards everything here: on a
/// thread that nobody waits for, and whose answer counts only while no other took its place.
final class Asking {
  private final Consumer<BooleanSupplier> noting;
  private @Nullable Thread asking;

  /// @param noting notes something under the lock, and lets the driver look again where it says
  ///   that there was something to note
  Asking(Consumer<BooleanSupplier> noting) {
    this.noting = noting;
  }

  /// What is asked.
  interface Question<T> {
    T ask() throws InterruptedException;
  }

  /// Whether a question has no answer yet.
  boolean isUnderWay() {
    return asking != null;
  }

  /// Asks. The answer, or why there is none, is told under the lock.
  ///
  /// @param answered whether there was something to note
  /// @param failed the same
  <T> void begin(
      String name,
      Question<T> question,
      Predicate<T> answered,
      Predicate<RuntimeException> failed) {
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> ask(question, answered, failed));
    asking = thread;
    thread.start();
  }

  private <T> void ask(
      Question<T> question, Predicate<T> answered, Predicate<RuntimeException> failed) {
    Thread self = Thread.currentThread();
    try {
      T told = question.ask();
      settle(self, () -> answered.test(told));
    } catch (InterruptedException _) {
      // nobody wants to know any more
    } catch (RuntimeException failure) { // a border: whatever it is, it is told
      settle(self, () -> failed.test(failure));
    }
  }

  private void settle(Thread self, BooleanSupplier note) {
    noting.accept(() -> {
      if (!self.equals(asking)) {
        return false;
      }
      asking = null;
      return note.getAsBoolean();
    });
  }

  /// Asks no more; an answer that is on its way is not told.
  void stop() {
    Thread thread = asking;
    asking = null;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
