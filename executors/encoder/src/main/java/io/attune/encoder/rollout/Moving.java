package io.attune.encoder.rollout;

import io.attune.runtime.FlowException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A command on its way, for those who follow it. The monitor guards everything.
public final class Moving {
  private final Command command;
  private String step = "";
  private boolean over;
  private @Nullable FlowException failure;

  Moving(Command command) {
    this.command = command;
  }

  /// One that has nothing to do.
  static Moving reached(Command command) {
    Moving moving = new Moving(command);
    moving.end(null);
    return moving;
  }

  /// What was asked for.
  public Command command() {
    return command;
  }

  synchronized void tell(String doing) {
    step = doing;
    notifyAll();
  }

  synchronized void end(@Nullable FlowException why) {
    over = true;
    failure = why;
    notifyAll();
  }

  synchronized boolean isOver() {
    return over;
  }

  /// Waits until the state is reached.
  ///
  /// @param listener told what is being done; of steps that follow each other quickly, the last
  /// @throws FlowException where it is refused, or another command took its place
  public void follow(Consumer<String> listener) throws InterruptedException {
    String told = "";
    while (true) {
      String next;
      synchronized (this) {
        while (!over && step.equals(told)) {
          wait();
        }
        if (over) {
          if (failure != null) {
            throw new FlowException(failure.code(), String.valueOf(failure.getMessage()), failure);
          }
          return;
        }
        next = step;
      }
      listener.accept(next);
      told = next;
    }
  }
}
