package io.attune.indexer;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.query.Query;
import io.attune.document.query.QueryException;
import io.attune.indexer.generation.SearchOptions;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The parameters of `/search`.
///
/// | parameter | meaning | default |
/// |---|---|---|
/// | `limit` | greatest number of matches, 1 to 10,000 | the option `limit` |
/// | `offset` | matches to pass over, 0 to 10,000 | 0 |
/// | `ef` | candidates of the graph search, 1 to 10,000 | the option `ef` |
/// | `exact` | compare with every vector | false |
/// | `threshold` | greatest distance of a match | none |
/// | `filter` | DocArray's query language | none |
/// | `include_embeddings` | answer the matches' vectors | false |
/// | `space` | the space of queries without a mark | the option `space` |
/// | `traversal_paths` | which documents of the request are queries | `@r` |
/// | `on` | which vectors are searched, such as `@r` or `@c` | all; a document counts by its nearest |
final class SearchCall {
  private SearchCall() {}

  static SearchOptions options(Parameters parameters, IndexerConfig config) {
    return new SearchOptions(
        parameters.integer("limit", config.limit(), 1, IndexerConfig.MAX_LIMIT),
        parameters.integer("offset", 0, 0, IndexerConfig.MAX_LIMIT),
        parameters.integer("ef", config.candidates(), 1, IndexerConfig.MAX_LIMIT),
        parameters.bool("exact", false),
        threshold(parameters),
        parameters.string("on").map(SearchCall::depths).orElse(Set.of()),
        filter(parameters),
        parameters.bool("include_embeddings", false));
  }

  /// The parameter `filter`; null where it is unset.
  static @Nullable Query filter(Parameters parameters) {
    try {
      return parameters.object("filter").map(Query::parse).orElse(null);
    } catch (QueryException e) {
      throw FlowException.invalid("filter: " + e.getMessage());
    }
  }

  private static float threshold(Parameters parameters) {
    double threshold = parameters.number("threshold").orElse(Double.POSITIVE_INFINITY);
    if (Double.isNaN(threshold)) {
      throw FlowException.invalid("threshold: NaN (expected: a distance)");
    }
    return (float) threshold;
  }

  /// The depths that a path such as `@r,c` names.
  private static Set<Integer> depths(String path) {
    Set<Integer> depths = new HashSet<>();
    for (String part :
        path.startsWith("@") ? path.substring(1).split(",", -1) : new String[] {""}) {
      String step = part.strip();
      if (step.equals("r")) {
        depths.add(0);
      } else if (!step.isEmpty() && step.chars().allMatch(c -> c == 'c') && step.length() < 10) {
        depths.add(step.length());
      } else {
        throw FlowException.invalid("on: " + path + " (expected: @r, @c, @cc or several as @r,c)");
      }
    }
    return depths;
  }

  /// The documents of a request that are queries.
  static List<Document> queries(DocumentArray documents, Parameters parameters) {
    String paths = parameters.string("traversal_paths", "@r");
    try {
      return documents.traverseFlat(paths);
    } catch (IllegalArgumentException e) {
      throw FlowException.invalid("traversal_paths: " + e.getMessage());
    }
  }
}
