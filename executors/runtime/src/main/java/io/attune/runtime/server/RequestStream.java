package io.attune.runtime.server;

import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.server.AnswerOrder.Place;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// One open stream of requests.
///
/// Flow control: the caller may have a fixed number of requests under way. A request's place is
/// given back when its answer was sent *and* the transport takes more, so that a caller who reads
/// slowly is read slowly, and neither requests nor answers pile up here.
///
/// All fields are guarded by this object's monitor, under which answers are sent too (a call's
/// observer is not safe for several threads). Handlers run outside of it.
final class RequestStream implements StreamObserver<DataRequestProto> {
  private final Dispatch dispatch;
  private final Executor threads;
  private final ServerCallStreamObserver<DataRequestProto> caller;
  private final Consumer<RequestStream> onEnd;
  private final AnswerOrder<DataRequestProto> order;
  private int placesToGive;
  private boolean halfClosed;
  private boolean ended;

  RequestStream(
      Dispatch dispatch,
      Executor threads,
      ServerCallStreamObserver<DataRequestProto> caller,
      boolean ordered,
      Consumer<RequestStream> onEnd) {
    this.dispatch = dispatch;
    this.threads = threads;
    this.caller = caller;
    this.order = new AnswerOrder<>(ordered, this::send);
    this.onEnd = onEnd;
  }

  /// Takes the first requests.
  void start(int mostInFlight) {
    caller.disableAutoRequest();
    caller.setOnReadyHandler(this::givePlaces);
    caller.setOnCancelHandler(this::cancelled);
    caller.request(mostInFlight);
  }

  @Override
  public void onNext(DataRequestProto request) {
    Place<DataRequestProto> place;
    synchronized (this) {
      place = order.next();
    }
    Runnable work = Context.current().wrap(() -> answered(place, answer(request)));
    try {
      threads.execute(work);
    } catch (RejectedExecutionException _) {
      answered(
          place,
          dispatch.failed(
              request, new FlowException(ErrorCode.UNAVAILABLE, "executor: shutting down")));
    }
  }

  private DataRequestProto answer(DataRequestProto request) {
    try {
      return dispatch.answer(List.of(request));
    } catch (FlowException failure) {
      return dispatch.failed(request, failure);
    }
  }

  private synchronized void answered(Place<DataRequestProto> place, DataRequestProto answer) {
    order.answered(place, answer);
    givePlaces();
    endIfDone();
  }

  private void send(DataRequestProto answer) {
    placesToGive++;
    if (!ended) {
      caller.onNext(answer);
    }
  }

  private synchronized void givePlaces() {
    if (placesToGive > 0 && !ended && caller.isReady()) {
      caller.request(placesToGive);
      placesToGive = 0;
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
    if (!ended) {
      ended = true;
      onEnd.accept(this);
    }
  }

  private void endIfDone() {
    if (halfClosed && order.underWay() == 0 && !ended) {
      ended = true;
      caller.onCompleted();
      onEnd.accept(this);
    }
  }

  /// Ends the stream with UNAVAILABLE if nothing is under way on it.
  synchronized void closeWhenIdle() {
    if (order.underWay() == 0 && !ended) {
      ended = true;
      caller.onError(new FlowException(ErrorCode.UNAVAILABLE, "executor: shutting down"));
      onEnd.accept(this);
    }
  }
}
