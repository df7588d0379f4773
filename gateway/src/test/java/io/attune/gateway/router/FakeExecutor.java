package io.attune.gateway.router;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.RawAnswer;
import io.grpc.Metadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An executor that answers at once, or when the test says so, and remembers what it was asked.
class FakeExecutor implements Backend {
  private final String name;
  private final UnaryOperator<DataRequestProto> work;
  final Queue<DataRequestProto> asked = new ConcurrentLinkedQueue<>();
  final Queue<Metadata> headers = new ConcurrentLinkedQueue<>();
  final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
  int parts;
  boolean holds;
  private @Nullable FlowException failure;
  private boolean error;

  FakeExecutor(String name, UnaryOperator<DataRequestProto> work) {
    this.name = name;
    this.work = work;
  }

  /// Appends its name to every document's text.
  static FakeExecutor appending(String name) {
    return new FakeExecutor(
        name,
        request -> {
          DocumentArray documents = DocumentArray.from(request.getData().getDocs());
          for (Document document : documents) {
            document.text(document.text() + " " + name);
          }
          DataRequestProto.Builder answer = request.toBuilder();
          answer.getDataBuilder().setDocs(documents.toProto());
          return answer.build();
        });
  }

  /// Ends every call with a failure.
  FakeExecutor failing(FlowException cause) {
    failure = cause;
    return this;
  }

  /// Marks every answer as an error.
  FakeExecutor erring() {
    error = true;
    return this;
  }

  /// Answers only when [#release] is called.
  FakeExecutor holding() {
    holds = true;
    return this;
  }

  void release() {
    Runnable next = held.poll();
    if (next == null) {
      throw new AssertionError(name + " holds nothing");
    }
    next.run();
  }

  @Override
  public void call(List<Envelope> envelopes, Metadata callHeaders, Reply reply) {
    parts = envelopes.size();
    try {
      for (Envelope envelope : envelopes) {
        asked.add(envelope.toProto());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    headers.add(callHeaders);
    Runnable answer = () -> answer(envelopes.getFirst(), reply);
    if (holds) {
      held.add(answer);
    } else {
      answer.run();
    }
  }

  private void answer(Envelope request, Reply reply) {
    if (failure != null) {
      reply.failed(failure);
      return;
    }
    try {
      DataRequestProto answer = work.apply(request.toProto());
      reply.answered(new RawAnswer(answer.toByteString(), error));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String address() {
    return "fake://" + name;
  }
}
