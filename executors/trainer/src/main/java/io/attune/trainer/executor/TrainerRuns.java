package io.attune.trainer.executor;

import io.attune.document.DocumentArray;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.process.LowPriority;
import io.attune.trainer.callback.TrainingMeters;
import io.attune.trainer.dataset.Datasets;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunProcess;
import io.attune.trainer.run.RunState;
import io.attune.trainer.run.RunStatus;
import io.attune.trainer.run.RunStore;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The runs of one trainer: starts them, watches those that it started, and finds all others in
/// their store, also those of an executor that was there before.
///
/// The lock guards what starts a run: that there are not too many, and that one request makes one
/// run.
final class TrainerRuns implements AutoCloseable {
  /// Seconds that a run has to stop by itself before it is killed: where none are given, and most.
  static final int DEFAULT_GRACE = 30;

  static final int MOST_GRACE = 3600;

  private static final Logger log = LoggerFactory.getLogger(TrainerRuns.class);
  private static final Duration STOP_GRACE = Duration.ofSeconds(20);
  private static final Duration EXIT_GRACE = Duration.ofSeconds(30);
  private static final int MOST_REMEMBERED = 1024;
  private static final String MANY =
      "; one request of /fit is one run: documents of several go to /fit/data first";

  private final TrainerOptions options;
  private final RunStore store;
  private final FitRequest requests;
  private final RunStarter starter;
  private final MeterRegistry meters;
  private final ProgressListener progress;
  private final ReentrantLock starting = new ReentrantLock();
  private final Map<String, Watched> processes = new ConcurrentHashMap<>();
  private final Map<String, RunFolder> byRequest =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, RunFolder> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /// A process, and the thread that tells what it does until it is gone.
  private record Watched(RunProcess process, Thread watch) {}

  TrainerRuns(TrainerOptions options, RunStarter starter, MeterRegistry meters) {
    this.options = options;
    this.store = RunStore.at(options.runs());
    this.requests = new FitRequest(options);
    this.starter = starter;
    this.meters = meters;
    this.progress = new TrainingMeters(meters);
    Gauge.builder("attune.training.runs.running", processes, Map::size).register(meters);
    for (RunFolder run : store.list()) {
      if (isRunning(run)) {
        log.atInfo().addKeyValue("run", run.id()).log("run is still going on");
      }
    }
  }

  /// Creates a run and starts it.
  ///
  /// @param requestId a request that was answered before is given the same run; empty for none
  /// @throws FlowException RESOURCE_EXHAUSTED where enough runs are going on
  RunFolder fit(
      String requestId, Map<String, ? extends @Nullable Object> values, DocumentArray documents) {
    starting.lock();
    try {
      RunFolder known = byRequest.get(requestId);
      if (known != null) {
        return known;
      }
      RunFolder run =
          requests.create(null, values, documents, () -> requireRoom(!documents.isEmpty()));
      start(run);
      if (!requestId.isEmpty()) {
        byRequest.put(requestId, run);
      }
      return run;
    } finally {
      starting.unlock();
    }
  }

  /// Creates the run of a cause and starts it, or finds it where that was done before, also by a
  /// trainer that was killed meanwhile.
  ///
  /// @param documents to train on, or none where the values say feedback
  /// @throws FlowException RESOURCE_EXHAUSTED where enough runs are going on
  RunFolder fitOnce(
      UUID cause, Map<String, ? extends @Nullable Object> values, DocumentArray documents) {
    starting.lock();
    try {
      RunFolder known = requests.causedBy(cause).orElse(null);
      if (known == null) {
        RunFolder run = requests.create(cause, values, documents, () -> requireRoom(false));
        start(run);
        return run;
      }
      if (known.state().status() == RunStatus.CREATED && !processes.containsKey(known.id())) {
        requireRoom(false);
        start(known);
      }
      return known;
    } finally {
      starting.unlock();
    }
  }

  /// Whether the run of a cause is there.
  boolean has(UUID cause) {
    return requests.causedBy(cause).isPresent();
  }

  /// What clients sent ahead of `/fit`.
  Datasets datasets() {
    return requests.datasets();
  }

  /// How many documents a request trains on, as far as it brought them or sent them ahead.
  long documents(Map<String, ? extends @Nullable Object> values, DocumentArray documents) {
    return requests.documents(values, documents);
  }

  /// Goes on with a run that failed or was cancelled.
  RunFolder resume(String reference) {
    RunFolder run = get(reference);
    awaitExit(run); // others may start meanwhile
    starting.lock();
    try {
      if (!run.isResumable() || processes.containsKey(run.id())) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "run: %s is %s (expected: a run that is neither trained nor finished)"
                .formatted(run.id(), run.state().status()));
      }
      requireRoom(false);
      start(run);
      return run;
    } finally {
      starting.unlock();
    }
  }

  /// @param brought whether the request brought documents: it may be the second part of many
  private void requireRoom(boolean brought) {
    Set<String> running = running();
    if (running.size() >= options.mostRuns()) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "runs: %s going on (expected: fewer than %d, this trainer's most_runs; wait, or cancel one%s)"
              .formatted(
                  String.join(", ", running.stream().sorted().toList()),
                  options.mostRuns(),
                  brought ? MANY : ""));
    }
  }

  private Set<String> running() {
    Set<String> running = new HashSet<>(processes.keySet());
    store.list().stream().filter(TrainerRuns::isRunning).map(RunFolder::id).forEach(running::add);
    return running;
  }

  /// Whether another run could start now.
  boolean hasRoom() {
    return running().size() < options.mostRuns();
  }

  private static boolean isRunning(RunFolder run) {
    try {
      return run.state().isRunning();
    } catch (FlowException _) {
      return false; // deleted meanwhile, or damaged
    }
  }

  private void start(RunFolder run) {
    // whoever searches on this machine goes first
    RunProcess process = LowPriority.callAtOnce("start of " + run.id(), () -> starter.start(run));
    Thread watch = Thread.ofVirtual().name("run " + run.id()).unstarted(() -> watch(run, process));
    processes.put(run.id(), new Watched(process, watch));
    watch.start();
    log.atInfo()
        .addKeyValue("run", run.id())
        .addKeyValue("process", process.pid())
        .log("run started");
  }

  private void watch(RunFolder run, RunProcess process) {
    try {
      RunState end = process.await(progress);
      String status = end.status().name().toLowerCase(Locale.ROOT);
      meters.counter("attune.training.runs", "status", status).increment();
      log.atInfo()
          .addKeyValue("run", run.id())
          .addKeyValue("status", status)
          .addKeyValue("details", end.details())
          .log("run is over");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException failure) {
      if (!Thread.currentThread().isInterrupted()) { // by which a file is closed as it is read
        log.atWarn().addKeyValue("run", run.id()).setCause(failure).log("run is watched no more");
      }
    } finally {
      processes.remove(run.id());
    }
  }

  /// All runs, the newest last.
  List<RunFolder> list(Optional<String> experiment) {
    return experiment.map(store::list).orElseGet(store::list);
  }

  /// The run of `experiment/run`, or of `run` where only one experiment has it.
  RunFolder get(String reference) {
    return store.resolve(reference);
  }

  /// Ends a run: it is asked to stop, and killed where it does not within the grace.
  RunState cancel(String reference, Duration grace) throws InterruptedException {
    RunFolder run = get(reference);
    Watched watched = processes.get(run.id());
    return watched == null || run.state().status().isOver()
        ? RunProcess.cancel(run, grace)
        : watched.process().cancel(grace);
  }

  /// Waits for the process of a run that is over: it says how the run ended before it is gone.
  private void awaitExit(RunFolder run) {
    Watched watched = processes.get(run.id());
    if (watched == null || !run.state().status().isOver()) {
      return;
    }
    try {
      if (!watched.watch().join(EXIT_GRACE)) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "run: %s is %s, and its process %d has not ended (expected: it ends; wait, or kill it)"
                .formatted(run.id(), run.state().status(), watched.process().pid()));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new FlowException(ErrorCode.CANCELLED, "run: " + run.id() + ": interrupted");
    }
  }

  /// Removes a run that is not running.
  void delete(String reference) {
    RunFolder run = get(reference);
    awaitExit(run);
    if (processes.containsKey(run.id())) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "run: " + run.id() + " is running (expected: cancel it before it is deleted)");
    }
    store.delete(run);
  }

  /// Lets the runs under way go on, or cancels them, as the options say.
  @Override
  public void close() {
    for (Watched watched : List.copyOf(processes.values())) {
      RunProcess process = watched.process();
      String id = process.run().id();
      switch (options.whenStopped()) {
        case LEAVE -> left(watched, id);
        case CANCEL -> cancelled(watched, id);
      }
    }
  }

  /// Lets a run go on, of which nobody here notes anything any more.
  private static void left(Watched watched, String id) {
    try {
      watched.watch().interrupt();
      watched.watch().join();
      log.atWarn()
          .addKeyValue("run", id)
          .log("run goes on without the executor; attune runs shows and cancels it");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void cancelled(Watched watched, String id) {
    try {
      RunState end = watched.process().cancel(STOP_GRACE);
      watched.watch().join(); // which notes the end, too
      log.atInfo().addKeyValue("run", id).addKeyValue("status", end.status()).log("run cancelled");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
