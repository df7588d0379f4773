package io.attune.gateway.router;

import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The version of each model that new requests are stamped with.
@FunctionalInterface
public interface LiveModels {
  /// Stamps a request with what is live at this moment; called once for each request, so it must be
  /// cheap. The request holds the stamp, and gives it back when nothing of it is under way any
  /// more.
  ///
  /// @param chosen versions that the caller asks for instead; none for writes
  /// @throws FlowException UNAVAILABLE where the gateway cannot know what is live, or a chosen
  ///   version is on its way out
  Stamp stamp(List<ModelVersion> chosen);

  /// The same for a search, of which a share may get a version that is being tried.
  ///
  /// @param identity whose or which search it is; asked for where it matters
  default Stamp search(List<ModelVersion> chosen, Supplier<String> identity) {
    return stamp(chosen);
  }

  /// What a request is stamped with. It is held once when it is made.
  interface Stamp {
    /// The versions, one for a model.
    List<ModelVersion> models();

    /// Holds it once more, while it is held.
    default void hold() {}

    /// Gives it back once.
    default void release() {}

    /// Hears how the request ended, before it is answered.
    ///
    /// @param nanos how long it took
    default void ended(boolean isAnswered, long nanos) {}

    /// How the request is asked again once it was answered, once for each.
    default List<Shadow> shadows() {
      return List.of();
    }
  }

  /// A search that is asked again with the other version of a trial, only to compare the answers.
  interface Shadow {
    /// What it is asked again with; null where the trial is over.
    @Nullable Stamp stamp();

    /// Hears how far the two answers agree.
    ///
    /// @param share of the first matches that both have, 0 to 1
    void agreed(double share);

    /// Hears that it was not asked again, as too many were waiting.
    void dropped();
  }

  /// Always the same stamp.
  static LiveModels fixed(List<ModelVersion> live) {
    return chosen -> {
      List<ModelVersion> models = merged(live, chosen);
      return () -> models;
    };
  }

  /// No stamps: each encoder serves the version its Flow configures.
  static LiveModels none() {
    return fixed(List.of());
  }

  /// The live versions, each replaced by the chosen one of its model, if any.
  static List<ModelVersion> merged(List<ModelVersion> live, List<ModelVersion> chosen) {
    if (chosen.isEmpty()) {
      return live;
    }
    Map<String, ModelVersion> stamp = new LinkedHashMap<>();
    live.forEach(version -> stamp.put(version.name(), version));
    chosen.forEach(version -> stamp.put(version.name(), version));
    return new ArrayList<>(stamp.values());
  }
}
