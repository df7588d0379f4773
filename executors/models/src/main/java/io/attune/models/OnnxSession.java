package io.attune.models;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A model's graph in ONNX Runtime, giving embeddings. Safe for use by many threads at once: with
/// one thread to a run, each calling thread computes its own batch on its own core, and all share
/// the weights.
public final class OnnxSession implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Map<String, OnnxJavaType> inputs;
  private final int dimension;
  private final long[] inputShape;

  private OnnxSession(OrtEnvironment environment, OrtSession session, int dimension)
      throws OrtException {
    this.environment = environment;
    this.session = session;
    this.dimension = dimension;
    inputs = new LinkedHashMap<>();
    long[] firstShape = null;
    for (NodeInfo input : session.getInputInfo().values()) {
      if (!(input.getInfo() instanceof TensorInfo tensor)) {
        throw FlowException.invalid("input " + input.getName() + " (expected: a tensor)");
      }
      inputs.put(input.getName(), tensor.type);
      firstShape = firstShape == null ? tensor.getShape() : firstShape;
    }
    inputShape = firstShape == null ? new long[0] : firstShape;
  }

  /// Loads a model's graph; its files were checked when it was published.
  ///
  /// @throws FlowException where inputs, output or types are not what the artifact says
  public static OnnxSession open(StoredModel model, SessionOptions options) {
    OnnxSession session = open(model.model(), model.artifact().dimension(), options);
    if (!session.inputs.keySet().equals(model.artifact().inputs().keySet())) {
      session.close();
      throw FlowException.invalid(
          "model.onnx: inputs %s (expected: %s)"
              .formatted(session.inputs.keySet(), model.artifact().inputs().keySet()));
    }
    return session;
  }

  /// Loads a graph whose output `embedding` is float `[batch, dimension]`.
  public static OnnxSession open(Path model, int dimension, SessionOptions options) {
    OrtEnvironment environment = NativeLibraries.onnxRuntime();
    try (OrtSession.SessionOptions native_ = nativeOptions(options)) {
      OrtSession session = environment.createSession(model.toString(), native_);
      try {
        requireOutput(session, dimension);
        return new OnnxSession(environment, session, dimension);
      } catch (FlowException e) {
        session.close();
        throw e;
      }
    } catch (OrtException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, model + ": onnxruntime refuses it: " + e.getMessage(), e);
    }
  }

  private static void requireOutput(OrtSession session, int dimension) throws OrtException {
    NodeInfo output = session.getOutputInfo().get(Artifact.OUTPUT);
    if (output == null || session.getOutputInfo().size() != 1) {
      throw FlowException.invalid(
          "model.onnx: outputs %s (expected: one, %s)"
              .formatted(session.getOutputInfo().keySet(), Artifact.OUTPUT));
    }
    if (!(output.getInfo() instanceof TensorInfo tensor)
        || tensor.type != OnnxJavaType.FLOAT
        || tensor.getShape().length != 2
        || (tensor.getShape()[1] >= 0 && tensor.getShape()[1] != dimension)) {
      throw FlowException.invalid(
          "model.onnx: output %s is %s (expected: float [batch, %d])"
              .formatted(Artifact.OUTPUT, output.getInfo(), dimension));
    }
  }

  private static OrtSession.SessionOptions nativeOptions(SessionOptions options)
      throws OrtException {
    OrtSession.SessionOptions native_ = new OrtSession.SessionOptions();
    native_.setIntraOpNumThreads(options.threads());
    native_.setInterOpNumThreads(1);
    native_.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
    native_.addConfigEntry("session.intra_op.allow_spinning", options.spinning() ? "1" : "0");
    native_.addConfigEntry("session.inter_op.allow_spinning", "0");
    native_.setOptimizationLevel(
        switch (options.optimization()) {
          case NONE -> OrtSession.SessionOptions.OptLevel.NO_OPT;
          case BASIC -> OrtSession.SessionOptions.OptLevel.BASIC_OPT;
          case EXTENDED -> OrtSession.SessionOptions.OptLevel.EXTENDED_OPT;
          case ALL -> OrtSession.SessionOptions.OptLevel.ALL_OPT;
        });
    return native_;
  }

  /// The length of an embedding.
  public int dimension() {
    return dimension;
  }

  /// The names of the graph's inputs.
  public List<String> inputNames() {
    return List.copyOf(inputs.keySet());
  }

  /// The shape that the graph declares for its first input, rows first; -1 for any size.
  public long[] inputShape() {
    return inputShape.clone();
  }

  /// The embeddings of a batch of texts, one row each.
  public float[][] embed(List<Tokens> texts) {
    return rows(run(Collation.of(texts)));
  }

  /// The embeddings of a batch of texts, row after row, `rows * dimension` values.
  public float[] run(Collation batch) {
    long[] shape = {batch.rows(), batch.length()};
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try {
      for (String input : inputs.keySet()) {
        long[] values =
            switch (input) {
              case "input_ids" -> batch.inputIds();
              case "attention_mask" -> batch.attentionMask();
              case "token_type_ids" -> batch.tokenTypeIds();
              default ->
                  throw FlowException.invalid(
                      "model.onnx: input %s (expected: input_ids, attention_mask, token_type_ids)"
                          .formatted(input));
            };
        feeds.put(input, tensor(input, values, shape));
      }
      return run(feeds, batch.rows());
    } catch (OrtException e) {
      throw failed(e);
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  /// The embeddings of a batch of float tensors of one shape.
  ///
  /// @param values the rows one after another
  /// @param shape the batch's shape: rows first, then the shape of one
  public float[] run(float[] values, long... shape) {
    String input = inputs.keySet().iterator().next();
    if (inputs.size() != 1) {
      throw FlowException.invalid(
          "model.onnx: inputs %s (expected: one, for tensors)".formatted(inputs.keySet()));
    }
    try (OnnxTensor tensor =
        OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape)) {
      return run(Map.of(input, tensor), (int) shape[0]);
    } catch (OrtException e) {
      throw failed(e);
    }
  }

  private OnnxTensor tensor(String input, long[] values, long[] shape) throws OrtException {
    OnnxJavaType type = inputs.get(input);
    if (type == OnnxJavaType.INT64) {
      return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
    }
    if (type == OnnxJavaType.INT32) {
      int[] narrow = Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
      return OnnxTensor.createTensor(environment, IntBuffer.wrap(narrow), shape);
    }
    throw FlowException.invalid(
        "model.onnx: input %s is %s (expected: int64 or int32)".formatted(input, type));
  }

  private float[] run(Map<String, OnnxTensor> feeds, int rows) throws OrtException {
    try (OrtSession.Result result = session.run(feeds)) {
      OnnxValue value = result.get(0);
      if (!(value instanceof OnnxTensor tensor)) {
        throw FlowException.invalid("model.onnx: output is no tensor (expected: a tensor)");
      }
      float[] embeddings = new float[rows * dimension];
      FloatBuffer buffer = tensor.getFloatBuffer();
      if (buffer.remaining() != embeddings.length) {
        throw FlowException.invalid(
            "model.onnx: output %s for %d rows (expected: [%d, %d])"
                .formatted(Arrays.toString(tensor.getInfo().getShape()), rows, rows, dimension));
      }
      buffer.get(embeddings);
      return embeddings;
    }
  }

  private float[][] rows(float[] flat) {
    float[][] rows = new float[flat.length / dimension][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * dimension, (i + 1) * dimension);
    }
    return rows;
  }

  private static FlowException failed(OrtException cause) {
    return new FlowException(ErrorCode.INTERNAL, "onnxruntime: " + cause.getMessage(), cause);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw failed(e);
    }
  }
}
