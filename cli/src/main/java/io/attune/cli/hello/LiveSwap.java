package io.attune.cli.hello;

import io.attune.cli.Console;
import io.attune.cli.ExitCode;
import io.attune.cli.rollout.RolloutWatch;
import io.attune.cli.rollout.RolloutsClient;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.List;

/// Takes a Flow to another version of its model while clients search and one writes, and looks at
/// every answer.
final class LiveSwap {
  private static final int CLIENTS = 8;
  private static final int DRAIN_SECONDS = 2;
  private static final long QUIET_MILLIS = 4_000;

  private final Console console;
  private final String admin;
  private final String address;

  /// @param admin address of the Flow's admin port
  /// @param address of its gRPC port
  LiveSwap(Console console, String admin, String address) {
    this.console = console;
    this.admin = admin;
    this.address = address;
  }

  /// What the clients saw.
  ///
  /// @param seconds from the command until the old version was gone
  /// @param all everything, warming up too
  /// @param before the time before the command, during the rollout, and after it
  record Outcome(
      String from,
      String to,
      double seconds,
      SearchLoad.Window all,
      SearchLoad.Window before,
      SearchLoad.Window during,
      SearchLoad.Window after,
      WriteLoad.Outcome writes) {

    /// Whether nothing failed, and no answer or write was wrong.
    boolean isClean() {
      return all.failures().isEmpty()
          && all.mixed() == 0
          && writes.failures().isEmpty()
          && writes.lost().isEmpty()
          && writes.resurrected().isEmpty();
    }
  }

  /// @param to the version to go to, as `name@2`; `exact` knows it and the one before
  /// @throws FlowException where the rollout ends in another way than RETIRED
  Outcome run(String from, String to, QaCorpus corpus, ExactAnswers exact)
      throws InterruptedException {
    List<String> questions = corpus.questions().stream().map(QaCorpus.Question::text).toList();
    List<String> answers = corpus.answers().stream().map(QaCorpus.Answer::text).toList();
    try (SearchLoad searches = new SearchLoad(address, CLIENTS, questions, exact);
        WriteLoad writes = new WriteLoad(address, answers)) {
      Thread.sleep(QUIET_MILLIS / 2); // connections are made, and not measured
      long began = System.nanoTime();
      Thread.sleep(QUIET_MILLIS);
      long started = System.nanoTime();
      roll(to);
      long ended = System.nanoTime();
      Thread.sleep(QUIET_MILLIS);
      long over = System.nanoTime();
      searches.finish();
      return new Outcome(
          from,
          to,
          (ended - started) / 1e9,
          searches.all(),
          searches.window(began, started),
          searches.window(started, ended),
          searches.window(ended, over),
          writes.finish());
    }
  }

  private void roll(String to) {
    int at = to.lastIndexOf('@');
    StartRolloutRequest request =
        StartRolloutRequest.newBuilder()
            .setModel(to.substring(0, at))
            .setVersion(to.substring(at + 1))
            .setOptions(RolloutOptions.newBuilder().setDrainSeconds(DRAIN_SECONDS))
            .build();
    try (RolloutsClient client = new RolloutsClient(admin, null);
        RolloutWatch watch = new RolloutWatch(console, false)) {
      Rollout started = client.start(request);
      if (watch.follow(client, started.getId()) != ExitCode.OK) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "rollout %s to %s did not come to its end".formatted(started.getId(), to));
      }
    }
  }
}
