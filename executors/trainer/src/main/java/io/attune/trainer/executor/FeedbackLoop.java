package io.attune.trainer.executor;

import io.attune.document.DocumentArray;
import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.feedback.FeedbackSet;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts runs on feedback by itself: after so many judgments, or so long after the last where
/// there are new ones. When it last did is on disk. Used by one thread.
///
/// What comes of a run is an artifact in the ModelStore, and nothing else: whether it goes live is
/// decided by who follows the runs of its experiment.
final class FeedbackLoop {
  private static final Logger log = LoggerFactory.getLogger(FeedbackLoop.class);
  private static final String EXPERIMENT = "experiment_name";

  private final Path feedback;
  private final Options options;
  private final TrainerRuns runs;
  private final Path folder;
  private final String state;
  private final InstantSource clock;
  private long size = -1;
  private long judgments;

  /// When and what is trained.
  ///
  /// @param after new judgments that start a run; 0 for no number
  /// @param every how long after the last run new judgments start another; null for never
  /// @param fit the run's configuration, without its data
  record Options(long after, @Nullable Duration every, Map<String, @Nullable Object> fit) {
    Options {
      Map<String, @Nullable Object> all = new LinkedHashMap<>(fit);
      all.putIfAbsent(EXPERIMENT, FeedbackSource.NAME);
      all.put("train_data", FeedbackSource.NAME);
      var _ = RunConfig.of(all);
      fit = java.util.Collections.unmodifiableMap(all);
    }
  }

  /// What was trained last.
  ///
  /// @param starting the judgments of a run that is being started; 0 where none is
  private record Fitted(long judgments, Instant time, long starting) {
    Fitted(long judgments, Instant time) {
      this(judgments, time, 0);
    }

    @Override
    public String toString() {
      return judgments + " " + time + (starting == 0 ? "" : " " + starting);
    }
  }

  /// @param feedback the folder of the executor `Feedback`
  /// @param folder where it keeps when it last started one
  FeedbackLoop(Path feedback, Options options, TrainerRuns runs, Path folder, InstantSource clock) {
    this.feedback = feedback;
    this.options = options;
    this.runs = runs;
    this.folder = folder;
    this.state = ".feedback-" + UUID.nameUUIDFromBytes(bytes(feedback)); // others may share it
    this.clock = clock;
  }

  private static byte[] bytes(Path path) {
    return path.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Starts a run where it is time.
  void tick() {
    try {
      Fitted last = fitted();
      if (last.starting() > 0) {
        if (runs.has(cause(last)) || runs.hasRoom()) {
          start(last);
        }
        return;
      }
      long now = judgments();
      if (isDue(last, now) && runs.hasRoom()) {
        Fitted next = new Fitted(last.judgments(), last.time(), now);
        write(next);
        start(next);
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, "feedback: %s: %s".formatted(feedback, e.getMessage()), e);
    }
  }

  private boolean isDue(Fitted last, long now) {
    Duration every = options.every();
    return now > last.judgments()
        && ((options.after() > 0 && now - last.judgments() >= options.after())
            || (every != null && !clock.instant().isBefore(last.time().plus(every))));
  }

  /// All that was judged so far; read where the file has changed.
  private long judgments() throws IOException {
    long present = FeedbackSet.bytes(feedback);
    if (present != size) {
      judgments = FeedbackSet.judged(feedback);
      size = present;
    }
    return judgments;
  }

  /// What a run is found by: the position that it starts from and goes to, of this feedback.
  private UUID cause(Fitted next) {
    return UUID.nameUUIDFromBytes((state + " " + next).getBytes(StandardCharsets.UTF_8));
  }

  private void start(Fitted next) throws IOException {
    long fresh = next.starting() - next.judgments();
    try {
      RunFolder run = runs.fitOnce(cause(next), options.fit(), DocumentArray.of());
      log.atInfo()
          .addKeyValue("run", run.id())
          .addKeyValue("judgments", fresh)
          .log("feedback is trained");
    } catch (FlowException e) {
      if (e.code() == ErrorCode.RESOURCE_EXHAUSTED) {
        return; // another was faster; the next tick tries again
      }
      log.atWarn()
          .addKeyValue("judgments", fresh)
          .addKeyValue("why", e.getMessage())
          .log("feedback cannot be trained on");
    }
    write(new Fitted(next.starting(), clock.instant()));
  }

  /// What was trained last; time counts from the first call where nothing was.
  private Fitted fitted() throws IOException {
    try {
      List<String> words = List.of(Files.readString(folder.resolve(state)).strip().split(" ", -1));
      return new Fitted(
          Long.parseLong(words.get(0)),
          Instant.parse(words.get(1)),
          words.size() > 2 ? Long.parseLong(words.get(2)) : 0);
    } catch (NoSuchFileException _) {
      Fitted first = new Fitted(0, clock.instant());
      write(first);
      return first;
    } catch (NumberFormatException | IndexOutOfBoundsException | DateTimeParseException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS,
          "feedback: %s (expected: a number and a time, and perhaps a number; remove it to begin anew)"
              .formatted(folder.resolve(state)),
          e);
    }
  }

  private void write(Fitted fitted) throws IOException {
    Durable.write(folder, state, fitted.toString());
  }
}
