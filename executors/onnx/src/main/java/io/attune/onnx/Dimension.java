package io.attune.onnx;

/// One dimension of a declared shape.
public sealed interface Dimension {
  /// A dimension of one size.
  record Fixed(long size) implements Dimension {
    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /// A dimension of any size; equal names mean equal sizes.
  record Symbolic(String name) implements Dimension {
    @Override
    public String toString() {
      return name;
    }
  }

  /// A dimension of which nothing is declared.
  record Unknown() implements Dimension {
    @Override
    public String toString() {
      return "?";
    }
  }

  /// A dimension of one size.
  static Dimension of(long size) {
    return new Fixed(size);
  }

  /// A named dimension of any size.
  static Dimension of(String name) {
    return new Symbolic(name);
  }
}
