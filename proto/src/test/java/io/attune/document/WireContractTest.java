package io.attune.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.jina.DataRequestProto;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Our messages and services are those that the real Jina and docarray declare.
class WireContractTest {
  @Test
  void everyFieldAndMethodIsAsInPython() {
    TreeSet<String> ours = new TreeSet<>();
    describe(DocumentProto.getDescriptor().getFile(), ours::add);
    describe(DataRequestProto.getDescriptor().getFile(), ours::add);

    assertThat(ours).containsExactlyInAnyOrderElementsOf(Golden.text("wire.txt").lines().toList());
  }

  private static void describe(FileDescriptor file, Consumer<String> lines) {
    file.getMessageTypes().forEach(message -> describe(message, lines));
    for (ServiceDescriptor service : file.getServices()) {
      for (MethodDescriptor method : service.getMethods()) {
        lines.accept(
            "%s %s %s%s -> %s%s"
                .formatted(
                    service.getFullName(),
                    method.getName(),
                    method.isClientStreaming() ? "stream " : "",
                    method.getInputType().getFullName(),
                    method.isServerStreaming() ? "stream " : "",
                    method.getOutputType().getFullName()));
      }
    }
  }

  private static void describe(Descriptor message, Consumer<String> lines) {
    for (FieldDescriptor field : message.getFields()) {
      lines.accept(
          "%s %s %d %s %s %s"
              .formatted(
                  message.getFullName(),
                  field.getName(),
                  field.getNumber(),
                  field.isRepeated() ? "repeated" : "optional",
                  type(field),
                  presence(field)));
    }
    message.getNestedTypes().forEach(nested -> describe(nested, lines));
    for (EnumDescriptor values : message.getEnumTypes()) {
      values
          .getValues()
          .forEach(value ->
              lines.accept(
                  "%s %s %d".formatted(values.getFullName(), value.getName(), value.getNumber())));
    }
  }

  private static String type(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case MESSAGE -> field.getMessageType().getFullName();
      case ENUM -> field.getEnumType().getFullName();
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }

  private static String presence(FieldDescriptor field) {
    if (field.getRealContainingOneof() != null) {
      return field.getRealContainingOneof().getName();
    }
    return field.getContainingOneof() != null ? "optional" : "-";
  }
}
