package io.attune.trainer.testing;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.attune.onnx.ElementType;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// ONNX Runtime as the reference: runs a graph as it stands, nothing fused, on one thread.
public final class OnnxRuntime {
  private OnnxRuntime() {}

  /// The outputs of a graph by name.
  ///
  /// @param inputs by the names of their tensors
  public static Map<String, Tensor> run(OnnxModel model, Collection<Tensor> inputs) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setOptimizationLevel(OptLevel.NO_OPT);
      try (OrtSession session = environment.createSession(model.bytes(), options)) {
        return run(environment, session, inputs);
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private static Map<String, Tensor> run(
      OrtEnvironment environment, OrtSession session, Collection<Tensor> inputs)
      throws OrtException {
    List<OnnxTensor> open = new ArrayList<>();
    try {
      Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
      for (Tensor input : inputs) {
        OnnxTensor feed = feed(environment, input);
        open.add(feed);
        feeds.put(input.name(), feed);
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(feeds)) {
        for (String name : session.getOutputNames()) {
          outputs.put(name, tensor(name, (OnnxTensor) result.get(name).orElseThrow()));
        }
      }
      return outputs;
    } finally {
      open.forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor feed(OrtEnvironment environment, Tensor tensor) throws OrtException {
    ByteBuffer view = tensor.toBytes();
    ByteBuffer bytes = ByteBuffer.allocateDirect(view.remaining()).order(ByteOrder.nativeOrder());
    bytes.put(view.duplicate()).flip();
    return OnnxTensor.createTensor(
        environment, bytes, tensor.dims(), OnnxJavaType.valueOf(tensor.type().name()));
  }

  private static Tensor tensor(String name, OnnxTensor value) {
    ElementType type = ElementType.valueOf(value.getInfo().type.name());
    boolean empty = value.getInfo().getNumElements() == 0;
    ByteBuffer bytes = empty ? ByteBuffer.allocate(0) : value.getByteBuffer();
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    copy.put(bytes).flip();
    return Tensor.raw(name, type, value.getInfo().getShape(), copy);
  }
}
