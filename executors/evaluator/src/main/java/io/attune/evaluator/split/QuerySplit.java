package io.attune.evaluator.split;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which queries may be trained on, and which judge what was trained.
///
/// A query is on one side for ever: that which the hash of its normalised text says, or that of the
/// queries nearly like it which came before. So no query of the gate is learnt by heart, neither
/// word for word nor in other clothes. Sides are kept in a file, durable before they are answered;
/// of the text it holds a hash and a signature only.
///
/// Thread-safe.
public final class QuerySplit implements AutoCloseable {
  /// From this estimated similarity on, 0..1, two queries are nearly the same.
  static final double NEARLY = 0.7;

  private static final int ROWS = 4;

  private final SplitLedger ledger;
  private final double gateShare;
  private final Map<String, Side> sides = new HashMap<>();
  private final Map<Band, List<SplitLedger.Entry>> bands = new HashMap<>();

  /// Where a query belongs.
  public enum Side {
    /// It may be trained on.
    TRAIN('T'),
    /// It judges, and is never trained on.
    GATE('G'),
    /// It is nearly like queries of both sides, and is used for neither.
    NEITHER('N');

    private final char code;

    Side(char code) {
      this.code = code;
    }

    /// How it is written to the file.
    byte code() {
      return (byte) code;
    }

    /// The side of a code, where it is one.
    static Optional<Side> of(byte code) {
      return Arrays.stream(values()).filter(side -> side.code == code).findFirst();
    }
  }

  private record Band(int number, long hash) {}

  private QuerySplit(SplitLedger ledger, double gateShare) {
    this.ledger = ledger;
    this.gateShare = gateShare;
  }

  /// Opens the split that a file keeps, made where there is none.
  ///
  /// @param gateShare the share of queries yet unknown that judge, 0..1, both excluded; those that
  ///   are known stay where they are
  /// @throws io.attune.runtime.FlowException DATA_LOSS where the file is damaged;
  ///   FAILED_PRECONDITION where another has it open
  public static QuerySplit open(Path file, double gateShare) throws IOException {
    if (!(gateShare > 0 && gateShare < 1)) {
      throw new IllegalArgumentException(
          "gateShare: " + gateShare + " (expected: between 0 and 1)");
    }
    SplitLedger ledger = SplitLedger.open(file);
    QuerySplit split = new QuerySplit(ledger, gateShare);
    ledger.entries().forEach(split::known);
    return split;
  }

  /// The side of a query.
  ///
  /// @throws IOException where a new one cannot be kept; it then has no side
  public synchronized Side side(String text) throws IOException {
    return side(text, gateShare);
  }

  /// The side of a query that may have been trained on: where it has none, it does not judge,
  /// unless queries nearly like it do.
  ///
  /// @throws IOException where a new one cannot be kept; it then has no side
  public synchronized Side sideOfTrained(String text) throws IOException {
    return side(text, 0);
  }

  /// The side of a query, where it was given one.
  public synchronized Optional<Side> known(String text) {
    return Optional.ofNullable(sides.get(name(MinHash.normalise(text))));
  }

  private Side side(String text, double share) throws IOException {
    String normalised = MinHash.normalise(text);
    byte[] hash = sha256(normalised);
    Side known = sides.get(SplitLedger.name(hash));
    if (known != null) {
      return known;
    }
    int[] signature = MinHash.signature(normalised);
    SplitLedger.Entry entry = new SplitLedger.Entry(hash, signature, side(hash, signature, share));
    ledger.append(entry);
    known(entry);
    return entry.side();
  }

  /// How many queries have a side.
  public synchronized int size() {
    return sides.size();
  }

  private Side side(byte[] hash, int[] signature, double share) {
    Set<Side> alike = EnumSet.noneOf(Side.class);
    for (Band band : bandsOf(signature)) {
      for (SplitLedger.Entry entry : bands.getOrDefault(band, List.of())) {
        if (MinHash.similarity(signature, entry.signature()) >= NEARLY) {
          alike.add(entry.side());
        }
      }
    }
    if (alike.size() == 1) {
      return alike.iterator().next();
    }
    return alike.isEmpty() ? byHash(hash, share) : Side.NEITHER;
  }

  private static Side byHash(byte[] hash, double share) {
    double place = (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1p-53; // uniform in 0..1
    return place < share ? Side.GATE : Side.TRAIN;
  }

  private void known(SplitLedger.Entry entry) {
    sides.put(entry.name(), entry.side());
    for (Band band : bandsOf(entry.signature())) {
      bands.computeIfAbsent(band, _ -> new ArrayList<>()).add(entry);
    }
  }

  /// Four places of a signature each: texts of similarity 0.7 share one of the sixteen with a
  /// chance of 0.988, of 0.8 with 0.9998.
  private static List<Band> bandsOf(int[] signature) {
    List<Band> bands = new ArrayList<>();
    for (int start = 0; start < MinHash.SIZE; start += ROWS) {
      long hash = 0;
      for (int i = start; i < start + ROWS; i++) {
        hash = 0x100000001B3L * hash + signature[i];
      }
      bands.add(new Band(start / ROWS, hash));
    }
    return bands;
  }

  /// What a normalised text is known by.
  static String name(String normalised) {
    return SplitLedger.name(sha256(normalised));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }

  @Override
  public synchronized void close() throws IOException {
    ledger.close();
  }
}
