package io.attune.trainer.array;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.attune.trainer.graph.TorchEngine;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class EngineArraysTest {
  private static final List<String> ENGINE = List.of("NDArray", "NDManager");

  /// What a backward pass reads no operand of.
  private static final Set<String> NOTHING_KEPT =
      Set.of("add", "sub", "eq", "neq", "gt", "gte", "lt", "lte", "clip");

  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  @Test
  void nothingElseLendsJavaMemoryToTheEngine() throws IOException, URISyntaxException {
    Path classes =
        Path.of(EngineArrays.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> lending = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        ClassModel model = ClassFile.of().parse(file);
        for (PoolEntry entry : model.constantPool()) {
          if (entry instanceof MemberRefEntry member && lendsMemory(member)) {
            lending.add(model.thisClass().asInternalName() + ": " + member.name());
          }
        }
      }
    }
    assertThat(lending).isNotEmpty().allMatch(each -> each.contains("/array/EngineArrays:"));
  }

  /// Whether a method makes an array of Java's data or of a number.
  private static boolean lendsMemory(MemberRefEntry method) {
    String owner = method.owner().asInternalName();
    String name = method.name().stringValue();
    String type = method.type().stringValue();
    if (!owner.startsWith("ai/djl/") || ENGINE.stream().noneMatch(owner::endsWith)) {
      return false;
    }
    return owner.endsWith("NDManager")
        ? name.equals("create") && !type.startsWith("(Lai/djl/ndarray/types/Shape;")
        : type.contains("Ljava/lang/Number;") && !NOTHING_KEPT.contains(name);
  }

  @Test
  void arraysHoldWhatTheyAreMadeOf() {
    try (NDManager manager = TorchEngine.newManager()) {
      NDArray floats = EngineArrays.of(manager, new float[] {1, 2, 3, 4}, new Shape(2, 2));
      assertThat(floats.getShape()).isEqualTo(new Shape(2, 2));
      assertThat(floats.toFloatArray()).containsExactly(1, 2, 3, 4);
      assertThat(EngineArrays.of(manager, new long[] {5, 6}, new Shape(2)).toLongArray())
          .containsExactly(5, 6);
      assertThat(EngineArrays.of(manager, 7, 8).toIntArray()).containsExactly(7, 8);
      assertThat(EngineArrays.of(manager, 0.1, 0.2).toDoubleArray()).containsExactly(0.1, 0.2);
      assertThat(
              EngineArrays.of(manager, new boolean[] {true, false}, new Shape(2)).toBooleanArray())
          .containsExactly(true, false);
      assertThat(EngineArrays.number(manager, 0.1, DataType.FLOAT64).toDoubleArray())
          .containsExactly(0.1);
    }
  }

  @Test
  void numbersTakeTheArraysType() {
    try (NDManager manager = TorchEngine.newManager()) {
      NDArray array = EngineArrays.of(manager, new float[] {-2, 3}, new Shape(2));
      assertThat(EngineArrays.times(array, 0.5).toFloatArray()).containsExactly(-1, 1.5f);
      assertThat(EngineArrays.divided(array, 4).toFloatArray()).containsExactly(-0.5f, 0.75f);
      assertThat(EngineArrays.power(array, 2).toFloatArray()).containsExactly(4, 9);
      assertThat(EngineArrays.atLeast(array, 1).toFloatArray()).containsExactly(1, 3);
    }
  }
}
