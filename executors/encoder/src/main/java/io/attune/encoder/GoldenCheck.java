package io.attune.encoder;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.models.Golden;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Whether a loaded model gives the embeddings that its goldens say.
final class GoldenCheck {
  private GoldenCheck() {}

  /// Embeds every golden and compares.
  ///
  /// @throws FlowException FAILED_PRECONDITION naming the first that differs
  static void run(EmbeddingModel model, Golden golden) {
    for (int i = 0; i < golden.cases().size(); i++) {
      Golden.Case each = golden.cases().get(i);
      Optional<Input> input = model.read(document(each), Prompt.NONE);
      if (input.isEmpty()) {
        continue; // an empty text is no content
      }
      float[] embedding = model.embed(List.of(input.get())).getFirst();
      double cosine = cosine(embedding, each.embedding());
      if (!(cosine >= Golden.LEAST_COSINE)) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "model %s: golden %d has cosine %s (expected: %s or more)"
                .formatted(model.id(), i, cosine, Golden.LEAST_COSINE));
      }
    }
  }

  /// A golden's input as a document.
  static Document document(Golden.Case golden) {
    float @Nullable [] tensor = golden.tensor();
    long @Nullable [] shape = golden.shape();
    if (tensor != null && shape != null) {
      int[] sizes = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
      return Document.create().tensor(NdArray.of(tensor, sizes));
    }
    @Nullable String text = golden.text();
    return Document.ofText(text == null ? "" : text);
  }

  private static double cosine(float[] a, float[] b) {
    if (a.length != b.length) {
      return Double.NaN;
    }
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    return dot / Math.sqrt(aa * bb);
  }
}
