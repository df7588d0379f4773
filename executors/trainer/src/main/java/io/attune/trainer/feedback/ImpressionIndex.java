package io.attune.trainer.feedback;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The segments of a folder, oldest first, and where in them the impression of each request lies.
/// Not thread-safe.
final class ImpressionIndex {
  private final Path folder;
  private final List<ImpressionSegment> segments = new ArrayList<>();
  private final Map<String, Place> places = new HashMap<>();

  private record Place(ImpressionSegment segment, long offset, int length) {}

  ImpressionIndex(Path folder) throws IOException {
    this.folder = folder;
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(folder)) {
      files
          .flatMap(file -> ImpressionSegment.of(file).stream())
          .sorted(Comparator.comparingInt(ImpressionSegment::number))
          .forEach(segments::add);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (ImpressionSegment segment : segments) {
      load(segment);
    }
  }

  private void load(ImpressionSegment segment) throws IOException {
    segment.load(
        (impression, offset, length) -> put(impression.request(), segment, offset, length));
  }

  /// Notes where an impression lies.
  void put(String request, ImpressionSegment segment, long offset, int length) {
    places.put(request, new Place(segment, offset, length));
  }

  /// A segment after all others, not yet written.
  ImpressionSegment add() {
    int number = segments.isEmpty() ? 1 : segments.getLast().number() + 1;
    ImpressionSegment segment = ImpressionSegment.create(folder, number);
    segments.add(segment);
    return segment;
  }

  Optional<Impression> find(String request) throws IOException {
    Place place = places.get(request);
    return place == null ? Optional.empty() : place.segment().read(place.offset(), place.length());
  }

  /// Removes the oldest segments while there are too many bytes, or where all in one is too old.
  ///
  /// @param kept one that stays
  void rotate(long mostBytes, Instant oldest, Optional<ImpressionSegment> kept) throws IOException {
    long bytes = bytes();
    for (ImpressionSegment segment : List.copyOf(segments)) {
      boolean isKept = kept.isPresent() && kept.get().equals(segment);
      if (!isKept && (bytes > mostBytes || segment.newest().isBefore(oldest))) {
        bytes -= segment.size();
        drop(segment);
      }
    }
  }

  /// Removes a segment.
  void drop(ImpressionSegment segment) throws IOException {
    segment.delete();
    segments.remove(segment);
    forget(segment);
  }

  private void forget(ImpressionSegment segment) {
    places.values().removeIf(place -> place.segment().equals(segment));
  }

  /// The segments that may show what goes.
  List<ImpressionSegment> showing(Erasure erasure) {
    return segments.stream().filter(segment -> segment.mayShow(erasure)).toList();
  }

  /// All segments.
  List<ImpressionSegment> segments() {
    return List.copyOf(segments);
  }

  int count() {
    return places.size();
  }

  long bytes() {
    return segments.stream().mapToLong(ImpressionSegment::size).sum();
  }

  /// Lines that could not be read.
  long damaged() {
    return segments.stream().mapToLong(ImpressionSegment::damaged).sum();
  }

  Path folder() {
    return folder;
  }
}
