package io.attune.gateway.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import io.attune.gateway.message.Envelope;
import io.attune.gateway.router.Inbound;
import io.attune.gateway.router.Router;
import io.attune.proto.jina.HeaderProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.attune.runtime.server.AnswerOrder;
import io.attune.runtime.server.AnswerOrder.Place;
import io.grpc.Metadata;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/// One open stream of requests, each answered exactly once, in the order of answers or of requests.
///
/// A request's place in the window is given back when its answer was sent *and* the transport takes
/// more, so that a caller who reads slowly is read slowly, and neither requests nor answers pile
/// up.
///
/// All fields are guarded by this object's monitor, under which answers are sent too (a call's
/// observer is not safe for several threads). Requests are routed outside of it.
final class RequestStream implements StreamObserver<ByteString> {
  /// The window before the size of a message is known.
  private static final int FIRST_WINDOW = 32;

  private final Router router;
  private final ServerCallStreamObserver<ByteString> caller;
  private final StreamLimits limits;
  private final CallMetadata said;
  private final Metadata forwarded;
  private final Consumer<RequestStream> onEnd;
  private final AnswerOrder<Envelope> order;
  private long largest;
  private int places;
  private boolean halfClosed;
  private boolean ended;

  RequestStream(
      Router router,
      ServerCallStreamObserver<ByteString> caller,
      StreamLimits limits,
      Consumer<RequestStream> onEnd) {
    this.router = router;
    this.caller = caller;
    this.limits = limits;
    this.said = CallMetadata.CURRENT.get();
    this.forwarded = ForwardedHeaders.CURRENT.get();
    this.order = new AnswerOrder<>(said.resultsInOrder(), this::send);
    this.onEnd = onEnd;
  }

  /// Takes the first requests.
  void start() {
    limits.opened();
    caller.disableAutoRequest();
    caller.setOnReadyHandler(this::givePlaces);
    caller.setOnCancelHandler(this::cancelled);
    synchronized (this) {
      places = Math.min(FIRST_WINDOW, limits.window(said.prefetch(), 1));
      caller.request(places);
    }
  }

  @Override
  public void onNext(ByteString message) {
    Place<Envelope> place;
    synchronized (this) {
      largest = Math.max(largest, message.size());
      place = order.next();
    }
    givePlaces();
    Envelope request;
    try {
      request = Envelope.parse(message);
    } catch (InvalidProtocolBufferException e) {
      answered(place, unreadable(Failures.from(e)));
      return;
    }
    router.route(
        new Inbound(request, said, forwarded), outcome -> answered(place, outcome.message()));
  }

  private static Envelope unreadable(FlowException cause) {
    HeaderProto header =
        HeaderProto.newBuilder().setStatus(Failures.status(cause, "gateway")).build();
    return Envelope.of(header, Struct.getDefaultInstance());
  }

  private synchronized void answered(Place<Envelope> place, Envelope answer) {
    order.answered(place, answer);
    givePlaces();
    endIfDone();
  }

  private void send(Envelope answer) {
    places--;
    if (!ended) {
      caller.onNext(answer.toByteString());
    }
  }

  private synchronized void givePlaces() {
    if (ended || halfClosed || !caller.isReady()) {
      return;
    }
    int more = limits.window(said.prefetch(), Math.max(1, largest)) - places;
    if (more > 0 && (largest > 0 || places == 0)) {
      places += more;
      caller.request(more);
    }
  }

  @Override
  public synchronized void onCompleted() {
    halfClosed = true;
    endIfDone();
  }

  @Override
  public void onError(Throwable cancellation) {
    cancelled();
  }

  private synchronized void cancelled() {
    end();
  }

  private void endIfDone() {
    if (halfClosed && order.underWay() == 0 && !ended) {
      caller.onCompleted();
      end();
    }
  }

  private void end() {
    if (!ended) {
      ended = true;
      limits.closed();
      onEnd.accept(this);
    }
  }

  /// Ends the stream with UNAVAILABLE if nothing is under way on it.
  synchronized void closeWhenIdle() {
    if (order.underWay() == 0 && !ended) {
      caller.onError(new FlowException(ErrorCode.UNAVAILABLE, "gateway: stopping"));
      end();
    }
  }
}
