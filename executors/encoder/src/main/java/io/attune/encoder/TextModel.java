package io.attune.encoder;

import io.attune.document.Document;
import io.attune.models.Artifact;
import io.attune.models.OnnxSession;
import io.attune.models.TextTokenizer;
import io.attune.models.Tokens;
import io.attune.proto.docarray.DocumentProto.ContentCase;
import io.attune.runtime.ModelVersion;
import java.util.List;
import java.util.Optional;

/// A model that reads text.
final class TextModel implements EmbeddingModel {
  private final Artifact artifact;
  private final TextTokenizer tokenizer;
  private final OnnxSession session;
  private final long bytes;

  /// Takes over the tokeniser and the session.
  ///
  /// @param bytes the memory it takes, estimated
  TextModel(Artifact artifact, TextTokenizer tokenizer, OnnxSession session, long bytes) {
    this.artifact = artifact;
    this.tokenizer = tokenizer;
    this.session = session;
    this.bytes = bytes;
  }

  @Override
  public ModelVersion id() {
    return artifact.id();
  }

  @Override
  public String space() {
    return artifact.space().id();
  }

  @Override
  public int dimension() {
    return artifact.dimension();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public Optional<Input> read(Document document, Prompt prompt) {
    if (document.contentCase() != ContentCase.TEXT || document.text().isEmpty()) {
      return Optional.empty();
    }
    String prefix =
        switch (prompt) {
          case QUERY -> artifact.queryPrompt();
          case DOCUMENT -> artifact.documentPrompt();
          case NONE -> "";
        };
    Tokens tokens = tokenizer.encode(prefix, document.text());
    return Optional.of(new Input.Text(tokens, tokens.cut()));
  }

  @Override
  public List<float[]> embed(List<Input> inputs) {
    return List.of(session.embed(inputs.stream().map(TextModel::tokens).toList()));
  }

  private static Tokens tokens(Input input) {
    return switch (input) {
      case Input.Text text -> text.tokens();
      case Input.Tensor tensor ->
          throw new IllegalArgumentException("input: " + tensor.shape() + " (expected: a text)");
    };
  }

  @Override
  public void close() {
    session.close();
    tokenizer.close();
  }
}
