package io.attune.onnx;

import io.attune.onnx.proto.TensorShapeProto;
import io.attune.onnx.proto.TypeProto;
import io.attune.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A named input, output or inner value of a graph with its declared type, over the file's message.
public final class ValueInfo {
  private final ValueInfoProto proto;

  ValueInfo(ValueInfoProto proto) {
    this.proto = proto;
  }

  /// A tensor value of a type and shape.
  public static ValueInfo tensor(String name, ElementType type, Dimension... shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (Dimension dimension : shape) {
      TensorShapeProto.Dimension.Builder dim = dims.addDimBuilder();
      switch (dimension) {
        case Dimension.Fixed(long size) -> dim.setDimValue(size);
        case Dimension.Symbolic(String symbol) -> dim.setDimParam(symbol);
        case Dimension.Unknown() -> {}
      }
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.number()).setShape(dims);
    return new ValueInfo(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(TypeProto.newBuilder().setTensorType(tensor))
            .build());
  }

  /// The value's name.
  public String name() {
    return proto.getName();
  }

  /// True where the declared type is a (dense) tensor.
  public boolean isTensor() {
    return proto.getType().hasTensorType();
  }

  /// The element type of a tensor value; empty for other types and where none is declared.
  public Optional<ElementType> elementType() {
    int number = proto.getType().getTensorType().getElemType();
    return isTensor() && number != 0 ? Optional.of(ElementType.of(number)) : Optional.empty();
  }

  /// The declared shape of a tensor value; empty where none is declared. A scalar's is an empty
  /// list.
  public Optional<List<Dimension>> shape() {
    if (!isTensor() || !proto.getType().getTensorType().hasShape()) {
      return Optional.empty();
    }
    List<Dimension> shape = new ArrayList<>();
    for (TensorShapeProto.Dimension dim : proto.getType().getTensorType().getShape().getDimList()) {
      shape.add(
          switch (dim.getValueCase()) {
            case DIM_VALUE -> new Dimension.Fixed(dim.getDimValue());
            case DIM_PARAM -> new Dimension.Symbolic(dim.getDimParam());
            case VALUE_NOT_SET -> new Dimension.Unknown();
          });
    }
    return Optional.of(List.copyOf(shape));
  }

  /// The file's message.
  public ValueInfoProto proto() {
    return proto;
  }

  /// The value as people read it, such as `input_ids int64[batch, sequence]`.
  @Override
  public String toString() {
    String type =
        isTensor()
            ? elementType().map(ElementType::toString).orElse("any")
                + shape().map(Object::toString).orElse("[…]")
            : proto.getType().getValueCase().name().toLowerCase(java.util.Locale.ROOT);
    return name() + " " + type;
  }
}
