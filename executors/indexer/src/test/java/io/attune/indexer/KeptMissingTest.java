package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.indexer.Missing.Reason;
import io.attune.indexer.generation.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptMissingTest {
  @TempDir Path folder;

  private static Missing missing(int documents, String end) {
    Missing missing = new Missing();
    for (int i = 0; i < documents; i++) {
      missing.add(i + end, i % 2 == 0 ? Reason.FAILED : Reason.OWN_VECTOR);
    }
    return missing;
  }

  private static Manifest manifest(Manifest.Entry... generations) {
    return new Manifest(Metric.COSINE, false, 0, 1, List.of(generations), 0, "", null, Map.of());
  }

  @Test
  void isInTheManifestOfItsGeneration() throws IOException {
    KeptMissing kept = missing(3, " \n=").kept();
    Manifest written =
        manifest(
            new Manifest.Entry("1", 4, 0, true, "planted@1", KeptMissing.NONE),
            new Manifest.Entry("2", 4, -2, true, "planted@2", kept));
    written.write(folder);
    assertThat(Manifest.read(folder)).isEqualTo(written);
    assertThat(Missing.of(kept).first(3))
        .containsExactly(
            Map.entry("0 \n=", Reason.FAILED),
            Map.entry("1 \n=", Reason.OWN_VECTOR),
            Map.entry("2 \n=", Reason.FAILED));
  }

  @Test
  void namesSoManyAndCountsTheOthersByReason() throws IOException {
    Missing many = missing(30_001, "");
    KeptMissing kept = many.kept();
    assertThat(kept.byId()).hasSize(10_000).containsKey("9999").doesNotContainKey("10000");
    assertThat(kept.unnamed())
        .containsOnly(Map.entry(Reason.FAILED, 10_001L), Map.entry(Reason.OWN_VECTOR, 10_000L));
    manifest(new Manifest.Entry("1", 4, 0, true, "planted@1", kept)).write(folder);
    Missing read =
        Missing.of(
            Objects.requireNonNull(Manifest.read(folder)).generations().getFirst().missing());
    assertThat(read.count()).isEqualTo(30_001);
    assertThat(read.counts()).isEqualTo(many.counts()).containsEntry(Reason.FAILED, 15_001L);
  }

  @Test
  void takesNoMoreBytesThanTheManifestHasRoomFor() throws IOException {
    String large = "x".repeat(100_000);
    manifest(new Manifest.Entry("1", 4, 0, true, "planted@1", missing(30, large).kept()))
        .write(folder);
    KeptMissing read =
        Objects.requireNonNull(Manifest.read(folder)).generations().getFirst().missing();
    assertThat(read.byId()).hasSize(10);
    assertThat(Missing.of(read).count()).isEqualTo(30);
  }

  @Test
  void refusesOtherLines() {
    assertThatThrownBy(() -> KeptMissing.parse(List.of("other FAILED 1")))
        .hasMessage("missing: other FAILED 1");
    assertThatThrownBy(() -> KeptMissing.parse(List.of("id UNKNOWN eA==")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
