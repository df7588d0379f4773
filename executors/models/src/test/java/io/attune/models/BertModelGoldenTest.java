package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Models of other families and exporters, imported, against sentence-transformers.
class BertModelGoldenTest {
  private static final double LEAST_COSINE = 0.99999;

  @TempDir private Path folder;

  private static void requireSame(StoredModel model, String name, BertModels.Case expected) {
    BertModels.Goldens goldens = BertModels.goldens(name);
    try (TextTokenizer tokenizer = TextTokenizer.open(model);
        OnnxSession session = OnnxSession.open(model, SessionOptions.DEFAULT)) {
      List<Tokens> texts = tokenizer.encode(goldens.texts());
      float[][] together = session.embed(texts);
      for (int i = 0; i < texts.size(); i++) {
        String text = goldens.texts().get(i);
        float[] embedding = expected.embeddings().get(i);
        assertThat(texts.get(i).length()).as(text).isEqualTo(goldens.tokens().get(i));
        assertThat(Golden.agreement(together[i], embedding))
            .as(text)
            .isGreaterThanOrEqualTo(LEAST_COSINE);
        assertThat(Golden.agreement(session.embed(List.of(texts.get(i)))[0], embedding))
            .as("alone: %s", text)
            .isGreaterThanOrEqualTo(LEAST_COSINE);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"bert", "distilbert", "roberta"})
  void givesWhatSentenceTransformersGivesForEachPooling(String name) {
    ModelStore store = ModelStore.at(folder);
    for (BertModels.Case one : BertModels.goldens(name).cases()) {
      ImportOptions options =
          ImportOptions.of(name)
              .withPooling(one.pooling())
              .withNormalize(one.normalize())
              .withMaxLength(48);
      StoredModel model = new ModelImport(store, options).from(BertModels.folder(name));
      assertThat(model.artifact().pooling()).isEqualTo(one.pooling());
      assertThat(model.artifact().normalized()).isEqualTo(one.normalize());
      requireSame(model, name, one);
    }
    assertThat(store.versions(name)).hasSize(BertModels.goldens(name).cases().size());
    List<Space> spaces = new ArrayList<>();
    store.ids().forEach(id -> spaces.add(store.open(id).artifact().space()));
    assertThat(spaces).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({"bert,MEAN,true", "distilbert,CLS,false", "roberta,MAX,true"})
  void takesSettingsFromTheFilesOfSentenceTransformers(
      String name, Pooling pooling, boolean normalize) {
    ImportOptions options = ImportOptions.NONE.withMaxLength(48);
    StoredModel model =
        new ModelImport(ModelStore.at(folder), options).from(BertModels.folder(name));
    assertThat(model.id()).hasToString(name + "@1");
    Artifact artifact = model.requireIntact().artifact();
    assertThat(artifact.pooling()).isEqualTo(pooling);
    assertThat(artifact.normalized()).isEqualTo(normalize);
    assertThat(artifact.queryPrompt()).isEqualTo("query: ");
    assertThat(artifact.documentPrompt()).isEqualTo("passage: ");
    assertThat(artifact.similarity()).isEqualTo(Similarity.COSINE);
    BertModels.Case own =
        BertModels.goldens(name).cases().stream()
            .filter(one -> one.pooling() == pooling && one.normalize() == normalize)
            .findFirst()
            .orElseThrow();
    requireSame(model, name, own);
  }
}
