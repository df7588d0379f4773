package io.attune.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.trainer.callback.EvaluationData;
import io.attune.trainer.data.DataOptions;
import io.attune.trainer.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationSetTest {
  @TempDir private Path folder;

  private TrainingData read(String name, String csv) throws IOException {
    return TrainingData.read(Files.writeString(folder.resolve(name), csv), DataOptions.DEFAULTS);
  }

  @Test
  void aQuestionThatIsAnothersAnswerIsItself() throws IOException {
    String rows = "anchor,positive,negative\na,b,x\nb,c,x\nd,d2,b\n";
    String index = "text,label\nc,1\nd2,2\nd,3\nb,4\n";
    try (TrainingData queries = read("queries.csv", rows);
        TrainingData own = read("index.csv", index)) {
      EvaluationData data = EvaluationSet.of(queries, null);
      assertThat(data.queries().stream().map(Document::text)).containsExactly("a", "b", "d");
      assertThat(data.index().stream().map(Document::text)).containsExactly("b", "x", "c", "d2");
      assertThat(data.self()).containsExactly(-1, 0, -1);
      assertThat(data.relevant().get(1).stream().toArray()).containsExactly(2);
      assertThat(EvaluationSet.of(queries, own).self()).containsExactly(-1, 3, 2);
    }
  }
}
