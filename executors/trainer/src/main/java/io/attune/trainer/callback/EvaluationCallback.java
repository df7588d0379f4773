package io.attune.trainer.callback;

import io.attune.document.Document;
import io.attune.evaluator.metrics.Estimate;
import io.attune.evaluator.metrics.Evaluation;
import io.attune.evaluator.metrics.EvaluationOptions;
import io.attune.evaluator.metrics.Metric;
import io.attune.evaluator.metrics.Ranking;
import io.attune.trainer.run.CallbackConfig;
import io.attune.trainer.run.ExampleMatches;
import io.attune.trainer.run.ProgressEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Searches an index with queries whose answers are known, and tells the metrics with their
/// intervals: before training, after each epoch, and with the weights that are published.
///
/// Queries to which nothing belongs are left out of every mean. Example matches are kept of the
/// first queries, before and after. Where queries come with wrong answers, `right_over_wrong` says
/// how often a right one is nearer than all of those.
final class EvaluationCallback implements Callback {
  private final CallbackConfig.Evaluation config;
  private final EvaluationData data;
  private final boolean weightsChangeAtEnd;
  private final EvaluationOptions options;
  private Outcome before = new Outcome(Map.of());
  private @Nullable Outcome last;
  private long lastStep = -1;

  /// @param weightsChangeAtEnd whether another callback replaces the weights after the last epoch
  EvaluationCallback(
      CallbackConfig.Evaluation config,
      EvaluationData data,
      long seed,
      boolean weightsChangeAtEnd) {
    this.config = config;
    this.data = sample(data, config.querySampleSize(), seed);
    this.weightsChangeAtEnd = weightsChangeAtEnd;
    this.options =
        new EvaluationOptions(config.chosenMetrics(), config.limit(), config.resamples(), seed);
  }

  private static EvaluationData sample(EvaluationData data, @Nullable Integer size, long seed) {
    int queries = data.queries().size();
    if (size == null || size >= queries) {
      return data;
    }
    int[] positions = IntStream.range(0, queries).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < size; i++) { // the first steps of a Fisher-Yates shuffle
      int other = random.nextInt(i, queries);
      int position = positions[i];
      positions[i] = positions[other];
      positions[other] = position;
    }
    List<Integer> kept = Arrays.stream(positions, 0, size).sorted().boxed().toList();
    return new EvaluationData(
        kept.stream().map(data.queries()::get).toList(),
        data.index(),
        kept.stream().map(data.relevant()::get).toList(),
        kept.stream().map(data.self()::get).toList(),
        kept.stream().map(data.wrong()::get).toList());
  }

  @Override
  public void fitBegin(Fit fit) {
    before = new Outcome(fit.folder().baseline(config.caption()));
  }

  @Override
  public Map<String, Double> measure(Fit fit, int epoch) {
    String phase = epoch == 0 ? ProgressEvent.Evaluated.BEFORE : ProgressEvent.Evaluated.EPOCH;
    Outcome found = evaluate(fit, epoch == 0 ? phase : null);
    if (epoch == 0) {
      before = found;
      fit.folder().baseline(config.caption(), found.parts());
    }
    tell(fit, epoch, phase, found);
    Map<String, Double> values = new LinkedHashMap<>();
    String prefix = config.caption().isEmpty() ? "" : config.caption() + "_";
    found.metrics().forEach((label, estimate) -> values.put(prefix + label, estimate.value()));
    return values;
  }

  @Override
  public void fitEnd(Fit fit) {
    String phase = ProgressEvent.Evaluated.AFTER;
    Outcome known = last;
    boolean reuse =
        known != null && lastStep == fit.step() && !weightsChangeAtEnd && !config.gatherExamples();
    tell(fit, fit.epoch(), phase, reuse && known != null ? known : evaluate(fit, phase));
  }

  private void tell(Fit fit, int epoch, String phase, Outcome found) {
    Map<String, Estimate> gain =
        phase.equals(ProgressEvent.Evaluated.AFTER) ? found.gainOver(before, options) : Map.of();
    fit.listener()
        .on(
            new ProgressEvent.Evaluated(
                fit.step(), epoch, phase, config.caption(), found.metrics(), gain));
  }

  /// @param examplesOf the phase whose examples are kept; null for none
  private Outcome evaluate(Fit fit, @Nullable String examplesOf) {
    float[][] index = fit.embed(data.index(), false, config.batchSize());
    float[][] queries = fit.embed(data.queries(), true, config.batchSize());
    Retrieval retrieval = new Retrieval(config.distance(), index);
    List<Ranking> rankings =
        IntStream.range(0, queries.length)
            .parallel()
            .mapToObj(query -> ranking(retrieval, queries[query], query))
            .toList();
    if (examplesOf != null && config.gatherExamples()) {
      fit.folder().examples(examplesOf, config.caption(), examples(retrieval, queries));
    }
    Map<String, Evaluation> parts = new LinkedHashMap<>();
    parts.put(Outcome.SEARCH, Evaluation.of(rankings, options));
    List<Ranking> preferences = preferences(retrieval, queries);
    if (!preferences.isEmpty()) {
      parts.put(
          Outcome.RIGHT_OVER_WRONG,
          Evaluation.of(preferences, options.at(1).of(List.of(Metric.HIT))));
    }
    Outcome found = new Outcome(parts);
    last = found;
    lastStep = fit.step();
    return found;
  }

  /// For each query with right and wrong answers, whether the nearest of them is a right one.
  private List<Ranking> preferences(Retrieval retrieval, float[][] queries) {
    List<Ranking> preferences = new ArrayList<>();
    for (int query = 0; query < queries.length; query++) {
      BitSet right = data.relevant().get(query);
      BitSet wrong = data.wrong().get(query);
      if (!right.isEmpty() && !wrong.isEmpty()) {
        boolean preferred =
            retrieval.similarity(queries[query], right)
                > retrieval.similarity(queries[query], wrong);
        preferences.add(Ranking.of(String.valueOf(query), new boolean[] {preferred}, 1));
      }
    }
    return preferences;
  }

  private Ranking ranking(Retrieval retrieval, float[] embedding, int query) {
    return retrieval.ranking(
        String.valueOf(query), embedding, config.limit(), self(query), data.relevant().get(query));
  }

  private int self(int query) {
    return config.excludeSelf() ? data.self().get(query) : -1;
  }

  private List<ExampleMatches> examples(Retrieval retrieval, float[][] queries) {
    List<ExampleMatches> examples = new ArrayList<>();
    for (int query = 0; query < Math.min(queries.length, config.numExampleQueries()); query++) {
      List<ExampleMatches.Match> matches = new ArrayList<>();
      for (int found : retrieval.nearest(queries[query], config.limit(), self(query))) {
        boolean relevant = data.relevant().get(query).get(found);
        matches.add(new ExampleMatches.Match(shown(data.index().get(found)), relevant));
      }
      examples.add(new ExampleMatches(shown(data.queries().get(query)), matches));
    }
    return examples;
  }

  private static String shown(Document document) {
    return document.text().isEmpty() ? document.id() : document.text();
  }
}
