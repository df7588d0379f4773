package io.attune.gateway.router;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.attune.gateway.graph.Node;
import io.attune.gateway.message.Envelope;
import io.attune.gateway.router.Run.Step;
import io.attune.proto.jina.RouteProto;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.RawAnswer;
import io.attune.runtime.error.Failures;
import io.grpc.Context;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one request does at the nodes it comes by: calls and merges.
///
/// @param shared what all requests share
/// @param headers the metadata of each call
/// @param stamp the stamp in it, which floating calls hold
record Hops(Shared shared, Metadata headers, LiveModels.Stamp stamp) {
  private static final Logger log = LoggerFactory.getLogger(Hops.class);

  /// Several parts made one, or the reason why not.
  sealed interface Merged {
    /// What a node is called with.
    record Parts(List<Envelope> parts) implements Merged {}

    /// The request ends here.
    record Impossible(Outcome outcome) implements Merged {}
  }

  /// Merges parts off the transport's thread, since that reads all documents.
  void merge(List<Envelope> parts, Envelope request, Context context, Consumer<Merged> next) {
    shared
        .merging()
        .execute(
            context.wrap(() -> {
              Merged merged;
              try {
                merged = new Merged.Parts(List.of(Merger.merge(parts)));
              } catch (FlowException refused) {
                merged = new Merged.Impossible(refused(request, refused, "gateway"));
              } catch (RuntimeException failure) {
                merged = new Merged.Impossible(refused(request, Failures.from(failure), "gateway"));
              }
              next.accept(merged);
            }));
  }

  /// Calls the executor of a node.
  void call(
      int node,
      List<Envelope> parts,
      Envelope request,
      Context context,
      boolean floats,
      Consumer<Step> next) {
    Node executor = shared.topology().node(node);
    Struct parameters = ExecutorParameters.forExecutor(executor.name(), request.parameters());
    List<Envelope> sent = new ArrayList<>(parts.size());
    long bytes = 0;
    for (int i = 0; i < parts.size(); i++) {
      Envelope part = parts.get(i);
      List<RouteProto> sender =
          parts.size() == 1 ? List.of() : List.of(sender(executor.needs().get(i)));
      sent.add(new Envelope(request.header(), parameters, sender, part.payload()));
      bytes += part.payload().size();
    }
    Metadata own = new Metadata();
    own.merge(headers);
    Backend backend = shared.backends().get(node);
    Call call = new Call(executor.name(), backend.address(), request, floats, bytes, next);
    if (floats) {
      stamp.hold();
      shared.admission().enterAlways();
    }
    Context before = context.attach();
    try {
      backend.call(sent, own, call);
    } catch (RuntimeException failure) {
      call.ended(Failures.from(failure));
    } finally {
      context.detach(before);
    }
  }

  /// A refusal as the answer of a request: without documents, the cause in its header.
  static Outcome.Refused refused(Envelope request, FlowException cause, String executor) {
    StatusProto status = Failures.status(cause, executor);
    return new Outcome.Refused(
        cause,
        Envelope.of(request.header().toBuilder().setStatus(status).build(), request.parameters()));
  }

  /// How a joiner that does not reduce learns which executor a part comes from.
  private static RouteProto sender(String executor) {
    return RouteProto.newBuilder().setExecutor(executor).build();
  }

  private Timestamp now() {
    return shared.now();
  }

  /// One call under way.
  private final class Call implements Backend.Reply {
    private final String executor;
    private final String address;
    private final Envelope request;
    private final boolean floats;
    private final Consumer<Step> next;
    private final Timestamp start = now();
    private final long startNanos = System.nanoTime();

    Call(
        String executor,
        String address,
        Envelope request,
        boolean floats,
        long bytes,
        Consumer<Step> next) {
      this.executor = executor;
      this.address = address;
      this.request = request;
      this.floats = floats;
      this.next = next;
      shared.metrics().sent(bytes);
    }

    @Override
    public void answered(RawAnswer raw) {
      shared.metrics().answered(raw.message().size(), System.nanoTime() - startNanos);
      Envelope answer;
      try {
        answer = Envelope.parse(raw.message());
      } catch (InvalidProtocolBufferException e) {
        ended(
            new FlowException(
                ErrorCode.INTERNAL, "answer: not a DataRequestProto: " + e.getMessage(), e));
        return;
      }
      boolean error =
          raw.error() || answer.header().getStatus().getCode() == StatusProto.StatusCode.ERROR;
      RouteProto route = route(answer.header().getStatus(), error);
      if (error) {
        leave(new Step.Stopped(new Outcome.Failed(answer), route));
      } else {
        Value results = answer.parameters().getFieldsMap().get(ExecutorParameters.RESULTS);
        Struct returned = results == null ? Struct.getDefaultInstance() : results.getStructValue();
        leave(new Step.Passed(answer, returned, route));
      }
    }

    @Override
    public void failed(FlowException failure) {
      ended(failure);
    }

    void ended(FlowException cause) {
      String message = String.valueOf(cause.getMessage());
      FlowException named =
          message.startsWith(executor + ": ")
              ? cause
              : new FlowException(
                  cause.code(), "%s at %s: %s".formatted(executor, address, message), cause);
      Outcome.Refused refused = refused(request, named, executor);
      leave(new Step.Stopped(refused, route(refused.message().header().getStatus(), true)));
    }

    private void leave(Step step) {
      if (floats) {
        shared.admission().leave(0);
        if (step instanceof Step.Stopped(Outcome outcome, _)) {
          log.atWarn()
              .addKeyValue("executor", executor)
              .addKeyValue("cause", outcome.message().header().getStatus().getDescription())
              .log("floating executor failed");
        }
      }
      try {
        next.accept(step);
      } finally {
        if (floats) {
          stamp.release();
        }
      }
    }

    private RouteProto route(StatusProto status, boolean error) {
      RouteProto.Builder route =
          RouteProto.newBuilder().setExecutor(executor).setStartTime(start).setEndTime(now());
      return error ? route.setStatus(status).build() : route.build();
    }
  }
}
