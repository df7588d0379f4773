package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.testing.PlantedModels;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueryPromptTest {
  @TempDir private Path folder;
  private final ModelStore store;
  private final StoredModel first;

  QueryPromptTest(@TempDir Path models) {
    store = ModelStore.at(models);
    first = PlantedModels.publish(store, "m", 0);
  }

  private StoredModel prompted(StoredModel parent, String prompt) {
    return new QueryPrompt(store, CheckLimits.DEFAULT, _ -> {}).publish(parent, prompt);
  }

  /// As it was published before: the space has the query prompt in it.
  private StoredModel old(String queryPrompt, String space) throws IOException {
    try (Staging staging = store.stage("old")) {
      for (String file : first.artifact().files().keySet()) {
        Files.copy(first.folder().resolve(file), staging.folder().resolve(file));
      }
      Artifact artifact = first.artifact().withQueryPrompt(queryPrompt);
      return staging.publish(artifact.in(new Space(space), true));
    }
  }

  private Space before(String queryPrompt) {
    Map<String, String> files = first.artifact().files();
    return Space.of(
        String.valueOf(files.get(Artifact.MODEL)),
        String.valueOf(files.get(Artifact.TOKENIZER)),
        "32",
        queryPrompt,
        "");
  }

  @Test
  void keepsTheSpaceOfItsParent() {
    StoredModel second = prompted(first, "w5 ");
    assertThat(second.id()).isEqualTo(new ModelVersion("m", 2));
    assertThat(second.artifact())
        .isEqualTo(
            first
                .artifact()
                .named("m", 2)
                .withQueryPrompt("w5 ")
                .from(first.id(), null, null, Map.of()));
    assertThat(prompted(second, "").artifact().space()).isEqualTo(first.artifact().space());
    Path exported = folder.resolve("m.zip");
    new ModelExport(second).toZip(exported);
    StoredModel imported =
        new ModelImport(ModelStore.at(folder.resolve("other")), ImportOptions.NONE).from(exported);
    assertThat(imported.artifact().space()).isEqualTo(first.artifact().space());
  }

  @Test
  void spacesFromBeforeStayAndAnythingElseIsRefused() throws IOException {
    StoredModel old = old("w5 ", before("w5 ").id());
    Path exported = folder.resolve("old.zip");
    new ModelExport(old).toZip(exported);
    StoredModel imported = new ModelImport(store, ImportOptions.of("again")).from(exported);
    assertThat(imported.artifact().space())
        .isEqualTo(old.artifact().space())
        .isNotEqualTo(first.artifact().space());
    assertThat(prompted(imported, "w6 ").artifact().space())
        .as("documents alone decide it from now on")
        .isEqualTo(first.artifact().space());

    Path other = folder.resolve("other.zip");
    new ModelExport(old("w5 ", before("w6 ").id())).toZip(other);
    assertThatThrownBy(() -> new ModelImport(store, ImportOptions.of("third")).from(other))
        .hasMessageContaining("artifact.yml: space: ")
        .hasMessageContaining("by the hashes, max_length and document_prompt");
  }

  @Test
  void aDamagedParentIsNotTaken() throws IOException {
    Files.writeString(first.folder().resolve(Artifact.TOKENIZER), "{}");
    assertThatThrownBy(() -> prompted(first, "w5 "))
        .isInstanceOfSatisfying(
            FlowException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DATA_LOSS));
    assertThat(store.versions("m")).containsExactly(1);
  }
}
