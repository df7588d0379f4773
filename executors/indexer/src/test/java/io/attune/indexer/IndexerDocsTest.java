package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/indexer.md` names what there is.
class IndexerDocsTest {
  private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\|");

  @TempDir Path workspace;

  private static Set<String> rows(String heading) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("../../docs/indexer.md"));
    Set<String> names = new HashSet<>();
    int start = lines.indexOf(heading);
    assertThat(start).as(heading).isNotNegative();
    for (String line : lines.subList(start + 1, lines.size())) {
      if (line.startsWith("#")) {
        break;
      }
      Matcher row = ROW.matcher(line);
      if (row.find()) {
        names.add(row.group(1));
      }
    }
    return names;
  }

  @Test
  void listsTheOptions() throws IOException {
    assertThat(rows("## Options (`uses_with`)"))
        .containsExactlyInAnyOrderElementsOf(IndexerConfig.KEYS);
  }

  @Test
  void listsTheEndpoints() throws IOException {
    try (IndexerHarness indexer = new IndexerHarness(workspace)) {
      assertThat(rows("## Endpoints")).containsExactlyInAnyOrderElementsOf(indexer.access.keySet());
    }
  }
}
