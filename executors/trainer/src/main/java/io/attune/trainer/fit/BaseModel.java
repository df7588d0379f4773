package io.attune.trainer.fit;

import io.attune.models.Artifact;
import io.attune.models.Preprocess;
import io.attune.models.TextTokenizer;
import io.attune.onnx.ElementType;
import io.attune.onnx.OnnxModel;
import io.attune.runtime.ModelVersion;
import io.attune.trainer.data.collation.Collator;
import io.attune.trainer.data.collation.TensorCollator;
import io.attune.trainer.data.collation.TextCollator;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a run starts from.
///
/// @param graph the graph, with its head
/// @param draft what the artifact of the tuned model will say, but for its metrics
/// @param tokenizer its `tokenizer.json`; null for a model of tensors
/// @param maxLength the most tokens of a text in training; evaluation reads as much as serving does
/// @param parent the version it was tuned from
record BaseModel(
    OnnxModel graph,
    Artifact draft,
    @Nullable Path tokenizer,
    int maxLength,
    Optional<ModelVersion> parent) {

  /// What makes inputs of documents.
  ///
  /// @param training cut as training cuts, or as serving does
  Reader reader(boolean training) {
    if (draft.preprocess() == Preprocess.TENSOR || tokenizer == null) {
      Map.Entry<String, ElementType> input = draft.inputs().entrySet().iterator().next();
      return new Reader(new TensorCollator(input.getKey(), input.getValue()), null);
    }
    TextTokenizer tokens = TextTokenizer.open(tokenizer, training ? maxLength : draft.maxLength());
    return new Reader(
        new TextCollator(
            tokens,
            draft.inputs(),
            draft.queryPrompt(),
            draft.documentPrompt(),
            TextCollator.PASS_TOKENS),
        tokens);
  }

  /// A collator with the tokeniser that it uses.
  ///
  /// @param tokenizer null for tensors
  record Reader(Collator collator, @Nullable TextTokenizer tokenizer) implements AutoCloseable {
    @Override
    public void close() {
      if (tokenizer != null) {
        tokenizer.close();
      }
    }
  }
}
