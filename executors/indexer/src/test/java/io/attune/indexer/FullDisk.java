package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.indexer.generation.SearchOptions;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What tests of a full disk look at.
final class FullDisk {
  private FullDisk() {}

  /// The documents that a search of the live generation finds, by their ids.
  static Set<String> found(Shard shard) throws IOException {
    try (Admission.Live live = shard.admission().live(() -> {}).orElseThrow()) {
      Set<String> ids = new TreeSet<>();
      live.view()
          .search(List.of(new float[] {1, 0}), SearchOptions.nearest(1_000), () -> {})
          .hits()
          .getFirst()
          .forEach(hit -> ids.add(hit.id()));
      return ids;
    }
  }

  static void assertRefused(Runnable write) {
    assertThatThrownBy(write::run)
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessageContaining("No space left on device")
        .hasMessageContaining("expected: a disk with space");
  }
}
