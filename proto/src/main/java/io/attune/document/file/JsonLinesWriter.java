package io.attune.document.file;

import io.attune.document.Document;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unset;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Writes a line for each document.
record JsonLinesWriter(OutputStream out) implements DocumentWriter {
  @Override
  public void write(Document document) throws IOException {
    String json = DocumentJson.toJson(document.toProto(), Unset.OMIT);
    out.write(json.getBytes(StandardCharsets.UTF_8));
    out.write('\n');
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
