package io.attune.runtime.error;

import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.StatusProto;
import io.attune.proto.jina.StatusProto.ExceptionProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// Failures as [FlowException]s, and as the status in an answer's header.
public final class Failures {
  private static final int MOST_STACK_LINES = 32;

  private Failures() {}

  /// Any throwable as the one failure that crosses a border.
  public static FlowException from(Throwable failure) {
    return switch (failure) {
      case FlowException flow -> flow;
      case StatusRuntimeException status -> from(status.getStatus(), status);
      case StatusException status -> from(status.getStatus(), status);
      case CompletionException wrapper when wrapper.getCause() != null -> from(cause(wrapper));
      case ExecutionException wrapper when wrapper.getCause() != null -> from(cause(wrapper));
      case InvalidProtocolBufferException malformed ->
          new FlowException(
              ErrorCode.INVALID_ARGUMENT,
              "message: %s (expected: a well-formed message)".formatted(malformed.getMessage()),
              malformed);
      case InterruptedException interrupted ->
          new FlowException(ErrorCode.UNAVAILABLE, "call: interrupted by a shutdown", interrupted);
      default -> new FlowException(ErrorCode.INTERNAL, described(failure), failure);
    };
  }

  /// What a task gives, waited for.
  ///
  /// @throws FlowException why the task failed; UNAVAILABLE where the waiting thread is
  ///   interrupted, which it then still is
  public static <T> T get(Future<T> task) {
    try {
      return task.get();
    } catch (ExecutionException failure) {
      throw from(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw from(interrupted);
    }
  }

  /// A peer's gRPC status as a failure.
  public static FlowException from(Status status, Throwable cause) {
    String description = status.getDescription();
    String message = description == null ? status.getCode().name() : description;
    return new FlowException(code(status), message, cause);
  }

  /// A connection that broke under a call is what its transport cannot name otherwise.
  private static ErrorCode code(Status status) {
    return status.getCode() == Status.Code.UNKNOWN
            && status.getCause() instanceof ClosedChannelException
        ? ErrorCode.UNAVAILABLE
        : ErrorCode.of(status.getCode());
  }

  /// The answer to a request that failed: the request itself, its header saying ERROR.
  ///
  /// @param executor the class of the executor that failed, or the gateway
  public static DataRequestProto answer(
      DataRequestProto request, FlowException failure, String executor) {
    DataRequestProto.Builder answer = request.toBuilder();
    answer.getHeaderBuilder().setStatus(status(failure, executor));
    return answer.build();
  }

  /// A failure as the status in a header: `exception.name` is the error code.
  ///
  /// Stack lines are given for unexpected failures only.
  public static StatusProto status(FlowException failure, String executor) {
    ExceptionProto.Builder exception =
        ExceptionProto.newBuilder()
            .setName(failure.code().name())
            .addArgs(message(failure))
            .setExecutor(executor);
    Throwable cause = failure.getCause();
    if (failure.code() == ErrorCode.INTERNAL && cause != null) {
      exception.addStacks(cause.toString());
      StackTraceElement[] trace = cause.getStackTrace();
      for (int i = 0; i < Math.min(trace.length, MOST_STACK_LINES); i++) {
        exception.addStacks("\tat " + trace[i]);
      }
    }
    return StatusProto.newBuilder()
        .setCode(StatusProto.StatusCode.ERROR)
        .setDescription(message(failure))
        .setException(exception)
        .build();
  }

  /// The failure that an answer's header tells; empty for success.
  ///
  /// A name that is not ours (a Python executor's exception) is INTERNAL.
  public static Optional<FlowException> in(StatusProto status) {
    if (status.getCode() != StatusProto.StatusCode.ERROR) {
      return Optional.empty();
    }
    ErrorCode code = ErrorCode.named(status.getException().getName()).orElse(ErrorCode.INTERNAL);
    String message = status.getDescription();
    return Optional.of(
        new FlowException(code, message.isEmpty() ? status.getException().getName() : message));
  }

  private static String message(FlowException failure) {
    String message = failure.getMessage();
    return message == null ? failure.code().name() : message;
  }

  private static String described(Throwable failure) {
    String message = failure.getMessage();
    String name = failure.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }

  private static Throwable cause(Throwable wrapper) {
    Throwable cause = wrapper.getCause();
    return cause == null ? wrapper : cause;
  }
}
