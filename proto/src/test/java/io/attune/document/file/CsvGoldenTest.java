package io.attune.document.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.Golden;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What Python's csv module reads and writes, and this.
class CsvGoldenTest {
  private record Case(
      String input, CsvFormat format, @Nullable List<List<String>> rows, boolean written) {}

  private static Stream<Case> cases() throws IOException {
    return ListValue.parseFrom(Golden.bytes("csv_cases.bin")).getValuesList().stream()
        .map(value -> {
          Struct fields = value.getStructValue();
          Value rows = fields.getFieldsOrThrow("rows");
          return new Case(
              fields.getFieldsOrThrow("input").getStringValue(),
              CsvFormat.standard()
                  .delimiter(fields.getFieldsOrThrow("delimiter").getStringValue())
                  .quote(fields.getFieldsOrThrow("quote").getStringValue().charAt(0)),
              rows.hasListValue() ? rows(rows) : null,
              fields.getFieldsOrThrow("written").getBoolValue());
        });
  }

  private static List<List<String>> rows(Value rows) {
    return rows.getListValue().getValuesList().stream()
        .map(row -> row.getListValue().getValuesList().stream().map(Value::getStringValue).toList())
        .toList();
  }

  @Test
  void readsTheRowsThatPythonsStrictReaderReads() throws IOException {
    int read = 0;
    int refused = 0;
    for (Case each : cases().toList()) {
      List<List<String>> rows;
      try {
        rows = read(each);
        read++;
      } catch (FileFormatException _) {
        rows = null;
        refused++;
      }
      assertThat(rows).as(each.input()).isEqualTo(each.rows());
    }
    assertThat(read).isGreaterThan(1000);
    assertThat(refused).isGreaterThan(300);
  }

  private static List<List<String>> read(Case each) throws IOException {
    Source source = Source.of(new ByteArrayInputStream(Contents.utf8(each.input())), "f");
    CsvRows rows =
        new CsvRows(
            source, each.format().delimiter(), each.format().quote(), CsvRows.MAX_ROW_BYTES);
    List<List<String>> result = new ArrayList<>();
    while (rows.advance()) {
      List<String> row = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        row.add(rows.cell(i));
      }
      result.add(row);
    }
    return result;
  }

  /// Python leaves a byte-order mark alone, which is quoted here; the fixture has none in front.
  @Test
  void writesWhatPythonWrites() throws IOException {
    for (Case each : cases().filter(Case::written).toList()) {
      List<List<String>> rows = List.of();
      rows = each.rows() == null ? rows : each.rows();
      String[] columns = new String[rows.getFirst().size()];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = "column" + i;
      }
      CsvFormat format = each.format().withoutHeader(columns);
      List<Document> documents = new ArrayList<>();
      for (List<String> row : rows) {
        Document document = Document.create();
        for (int i = 0; i < columns.length; i++) {
          document.tag(columns[i], row.get(i));
        }
        documents.add(document);
      }

      assertThat(Contents.write(documents, format)).isEqualTo(each.input());
    }
  }
}
