package io.attune.indexer.durability;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.runtime.channel.ExecutorChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two processes on one folder.
final class SecondProcessTest {
  @TempDir Path folder;

  private IndexerProcess open(String name) throws Exception {
    return IndexerProcess.start(folder.resolve(name), folder.resolve("complaints"))
        .open(folder.resolve("index"));
  }

  @Test
  void theSecondIsRefusedAndHarmsNothing() throws Exception {
    Document document = Expectation.document("a", "v1", "space@1");
    try (IndexerProcess first = open("first");
        ExecutorChannel channel = first.channel()) {
      Client client = new Client(channel);
      var _ = client.call("/index", List.of(document));
      for (String name : List.of("second", "third")) {
        try (IndexerProcess refused = open(name)) {
          assertThat(refused.line())
              .startsWith("refused FAILED_PRECONDITION folder: ")
              .contains("is in use by process " + first.pid());
        }
      }
      var _ = client.call("/index", List.of(Expectation.document("b", "v2", "space@1")));
      assertThat(client.everything()).hasSize(2);
      first.kill();
    }
    try (IndexerProcess next = open("next");
        ExecutorChannel channel = next.channel()) {
      assertThat(new Client(channel).everything()).extracting(Document::id).contains("a", "b");
    }
  }
}
