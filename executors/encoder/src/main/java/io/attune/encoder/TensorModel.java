package io.attune.encoder;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.models.Artifact;
import io.attune.models.OnnxSession;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A model that reads tensors of floats as they are.
final class TensorModel implements EmbeddingModel {
  private final Artifact artifact;
  private final OnnxSession session;
  private final long bytes;

  /// Takes over the session.
  ///
  /// @param bytes the memory it takes, estimated
  TensorModel(Artifact artifact, OnnxSession session, long bytes) {
    this.artifact = artifact;
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
    Optional<NdArray> tensor;
    try {
      tensor = document.tensor();
    } catch (IllegalArgumentException wrong) {
      throw FlowException.invalid("document " + document.id() + ": " + wrong.getMessage());
    }
    if (tensor.isEmpty() || tensor.get().size() == 0) {
      return Optional.empty();
    }
    float[] values = tensor.get().floats();
    int odd = Embeddings.firstNotFinite(values);
    if (odd >= 0) {
      throw FlowException.invalid(
          "document %s: tensor has %s at %d (expected: finite numbers)"
              .formatted(document.id(), values[odd], odd));
    }
    int[] shape = tensor.get().shape();
    requireShape(document.id(), shape);
    return Optional.of(new Input.Tensor(NdArray.of(values, shape)));
  }

  private void requireShape(String id, int[] shape) {
    long[] declared = session.inputShape();
    boolean fits = declared.length == shape.length + 1;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = declared[i + 1] < 0 || declared[i + 1] == shape[i];
    }
    if (!fits) {
      throw FlowException.invalid(
          "document %s: tensor of shape %s (expected: %s, where -1 is any size)"
              .formatted(
                  id,
                  Arrays.toString(shape),
                  Arrays.toString(
                      Arrays.copyOfRange(
                          declared, Math.min(1, declared.length), declared.length))));
    }
  }

  @Override
  public List<float[]> embed(List<Input> inputs) {
    List<NdArray> tensors = inputs.stream().map(TensorModel::array).toList();
    int size = tensors.getFirst().size();
    float[] values = new float[size * tensors.size()];
    for (int i = 0; i < tensors.size(); i++) {
      System.arraycopy(tensors.get(i).floats(), 0, values, i * size, size);
    }
    int[] one = tensors.getFirst().shape();
    long[] shape = new long[one.length + 1];
    shape[0] = tensors.size();
    for (int i = 0; i < one.length; i++) {
      shape[i + 1] = one[i];
    }
    float[] flat = session.run(values, shape);
    List<float[]> rows = new ArrayList<>(tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      rows.add(Arrays.copyOfRange(flat, i * dimension(), (i + 1) * dimension()));
    }
    return rows;
  }

  private static NdArray array(Input input) {
    return switch (input) {
      case Input.Tensor tensor -> tensor.array();
      case Input.Text _ -> throw new IllegalArgumentException("input: a text (expected: a tensor)");
    };
  }

  @Override
  public void close() {
    session.close();
  }
}
