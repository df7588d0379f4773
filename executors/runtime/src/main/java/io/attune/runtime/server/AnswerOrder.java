package io.attune.runtime.server;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The answers of one stream, sent as they come or in the order of their requests.
///
/// Not safe for use by several threads: the stream's monitor guards it.
///
/// @param <A> an answer
public final class AnswerOrder<A> {
  private final boolean ordered;
  private final Consumer<A> send;
  private final Queue<Place<A>> waiting = new ArrayDeque<>();
  private int underWay;

  /// An order without requests.
  ///
  /// @param ordered whether answers go out in the order of their requests
  /// @param send sends an answer; called within [#answered]
  public AnswerOrder(boolean ordered, Consumer<A> send) {
    this.ordered = ordered;
    this.send = send;
  }

  /// The place of a request that has come.
  public Place<A> next() {
    underWay++;
    Place<A> place = new Place<>();
    if (ordered) {
      waiting.add(place);
    }
    return place;
  }

  /// Sends a request's answer, and those it held up; or keeps it until the requests before it are
  /// answered.
  public void answered(Place<A> place, A answer) {
    if (!ordered) {
      send(answer);
      return;
    }
    place.answer = answer;
    Place<A> head = waiting.peek();
    while (head != null && head.answer != null) {
      send(head.answer);
      waiting.remove();
      head = waiting.peek();
    }
  }

  private void send(A answer) {
    underWay--;
    send.accept(answer);
  }

  /// How many requests have come whose answers were not sent.
  public int underWay() {
    return underWay;
  }

  /// A request's place.
  ///
  /// @param <A> its answer
  public static final class Place<A> {
    private @Nullable A answer;

    private Place() {}
  }
}
