package io.attune.trainer.feedback;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.lock.ProcessLock;
import io.attune.runtime.registry.Spelling;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Collects what people say of what they find: `uses: Feedback`, behind the indexer.
///
/// `/search` passes untouched, and what it shows is noted. `/feedback` judges documents that were
/// shown, `/feedback/undo` takes that back, `/feedback/export` answers training data: unless asked
/// for more, without the queries that judge, `/feedback/status` counts. `/delete` and `/clear`
/// remove texts of documents from all that is kept.
public final class Feedback implements Executor {
  private static final Logger log = LoggerFactory.getLogger(Feedback.class);
  private static final int LONGEST_REQUEST_ID = 256;
  private static final long MOST_SHOWN_BYTES = 4 << 20;
  private static final int DEFAULT_EXPORT = 1000;
  private static final int MOST_EXPORT = 10_000;
  private static final String LOCK = "lock";
  private static final String IMPRESSIONS = "impressions";
  private static final String ALL = "all";
  private static final String TRAIN = "train";
  private static final List<String> SIDES = List.of(ALL, "gate", "neither", TRAIN);

  private final String name;
  private final FeedbackOptions options;
  private final InstantSource clock;
  private final ProcessLock lock;
  private final LatelyErased lately;
  private final FeedbackLog judgments;
  private final QuerySides sides;
  private final ImpressionLog impressions;
  private final Counter unnamed;
  private final AtomicBoolean told = new AtomicBoolean();

  private Feedback(String name, FeedbackOptions options, InstantSource clock, MeterRegistry meters)
      throws IOException {
    this.name = name;
    this.options = options;
    this.clock = clock;
    this.lately = new LatelyErased(clock);
    this.unnamed = meters.counter("attune.feedback.impressions", "result", "unnamed");
    Files.createDirectories(options.folder());
    this.lock =
        ProcessLock.acquire(options.folder().resolve(LOCK), _ -> openElsewhere(options.folder()));
    try {
      this.judgments = FeedbackLog.open(options.folder(), clock, lately);
      this.sides = QuerySides.open(options.folder(), options.gateShare(), judgments::judgments);
      this.impressions =
          new ImpressionLog(
              options.folder().resolve("impressions"), options, clock, lately, meters);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static FlowException openElsewhere(Path folder) {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "feedback: %s is open elsewhere (expected: one executor to a folder)".formatted(folder));
  }

  /// The executor of a context.
  ///
  /// @throws FlowException where an option is wrong, the folder is another's, or the log is damaged
  public static Feedback open(ExecutorContext context) {
    return open(context, InstantSource.system());
  }

  static Feedback open(ExecutorContext context, InstantSource clock) {
    FeedbackOptions options = FeedbackOptions.from(context);
    try {
      return new Feedback(context.name(), options, clock, context.meters());
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, "feedback: %s: %s".formatted(options.folder(), e.getMessage()), e);
    }
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints
        .read("/search", this::search)
        .write("/feedback", this::feedback)
        .write("/feedback/undo", this::undo)
        .read("/feedback/export", this::export)
        .read("/feedback/status", this::status)
        .write("/delete", this::delete)
        .write("/clear", this::clear);
  }

  /// Whatever happens here, the search is answered.
  private Answer search(Call call) {
    try {
      if (!call.parameters().bool(IMPRESSIONS, true)) {
        return Answer.unchanged();
      }
      if (call.requestId().isEmpty() || call.requestId().length() > LONGEST_REQUEST_ID) {
        unnamed.increment();
      } else {
        impressions.record(Impression.of(call, clock.instant(), options.shown(), MOST_SHOWN_BYTES));
      }
    } catch (RuntimeException e) {
      unnamed.increment();
      if (told.compareAndSet(false, true)) {
        log.atError().setCause(e).log("a search is not noted; further ones are only counted");
      }
    }
    return Answer.unchanged();
  }

  private Answer feedback(Call call) {
    List<FeedbackCall.Asked> asked = new FeedbackCall(call, name).judgments();
    List<Judgment> judged =
        new Judging(impressions, options.impressionAge(), clock.instant()).of(asked);
    sides.give(judged);
    FeedbackLog.Added added = judgments.add(judged);
    return results(Map.of("judged", added.judged(), "same", added.same()));
  }

  private Answer undo(Call call) {
    FeedbackCall asked = new FeedbackCall(call, name);
    Parameters parameters =
        asked.parameters(FeedbackCall.REQUEST, FeedbackCall.QUERY, FeedbackCall.DOCUMENTS);
    String request =
        parameters
            .string(FeedbackCall.REQUEST)
            .orElseThrow(() ->
                FlowException.invalid(
                    "request_id: missing (expected: that which /feedback was told)"));
    FeedbackLog.Undone undone =
        judgments.undo(
            request,
            parameters.string(FeedbackCall.QUERY, ""),
            asked.named(FeedbackCall.DOCUMENTS));
    return results(Map.of("undone", undone.undone(), "same", undone.same()));
  }

  private Answer export(Call call) {
    Parameters parameters = new FeedbackCall(call, name).parameters("offset", "limit", "side");
    int offset = parameters.integer("offset", 0, 0, Integer.MAX_VALUE);
    int limit = parameters.integer("limit", DEFAULT_EXPORT, 1, MOST_EXPORT);
    String wanted = side(parameters.string("side", TRAIN));
    FeedbackSet set = FeedbackSet.of(judgments.judgments());
    QuerySides.Sides known = sides.given();
    List<Document> queries =
        set.queries().stream()
            .filter(query -> wanted.equals(ALL) || known.label(query).equals(wanted))
            .toList();
    List<Document> page = queries.stream().skip(offset).limit(limit).toList();
    page.forEach(query -> query.tag(QuerySides.TAG, known.label(query)));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("queries", queries.size());
    result.put("judgments", set.judgments());
    result.put("undecided", set.undecided());
    result.put("without_text", set.withoutText());
    return Answer.of(DocumentArray.of(page)).withResults(StructJson.of(result));
  }

  private static String side(String asked) {
    if (!SIDES.contains(asked)) {
      throw FlowException.invalid(
          "side: %s (expected: %s)".formatted(asked, Spelling.expected(asked, SIDES)));
    }
    return asked;
  }

  private Answer status(Call call) {
    Optional<Instant> since = new FeedbackCall(call, name).since();
    Map<String, Object> status = FeedbackStatus.of(judgments.standing(), impressions.standing());
    since.ifPresent(time -> status.put("answered_since", FeedbackStatus.of(judgments.since(time))));
    return results(status);
  }

  private Answer delete(Call call) {
    Set<String> ids = new FeedbackCall(call, name).named("ids");
    erase(Erasure.of(ids));
    return Answer.unchanged();
  }

  private Answer clear(Call call) {
    erase(Erasure.ALL);
    return Answer.unchanged();
  }

  /// Searches that are on their way must not bring it back, so that is seen to first; judging reads
  /// impressions, so those go before judgments.
  private void erase(Erasure erasure) {
    if (!erasure.isEmpty()) {
      lately.add(erasure);
      impressions.erase(erasure);
      judgments.erase(erasure);
    }
  }

  /// Waits until every search that was answered is in the files.
  void flush() {
    impressions.flush();
  }

  private static Answer results(Map<String, ?> result) {
    return Answer.of(DocumentArray.of()).withResults(StructJson.of(result));
  }

  @Override
  public void close() {
    try (lock;
        sides;
        judgments) {
      impressions.close();
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "feedback: cannot be closed: " + e, e);
    }
  }
}
