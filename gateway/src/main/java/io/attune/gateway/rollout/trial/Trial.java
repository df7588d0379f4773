package io.attune.gateway.rollout.trial;

import io.attune.proto.attune.TrialCount;
import io.attune.runtime.ModelVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/// A rollout's CANARY in one gateway: which searches are its share, and what came of them.
///
/// A search is drawn by a hash of the rollout and of whose or which it is, so that every gateway
/// draws the same, always, and two rollouts draw independently.
public final class Trial {
  private final Terms terms;
  private final String source = UUID.randomUUID().toString();
  private final Tally from = new Tally();
  private final Tally to = new Tally();

  // guarded by this
  private double agreement;
  private long compared;
  private long dropped;

  /// What is tried.
  ///
  /// @param rollout its id
  /// @param share of the searches, above 0, up to 1
  /// @param isShadow whether the old version answers, and the new one is only compared
  public record Terms(
      String rollout, ModelVersion from, ModelVersion to, double share, boolean isShadow) {}

  public Trial(Terms terms) {
    this.terms = terms;
  }

  /// What is tried.
  public Terms terms() {
    return terms;
  }

  /// Whether a search is one of the share.
  ///
  /// @param identity whose or which search it is
  public boolean draws(String identity) {
    return place(terms.rollout() + "\n" + identity) < terms.share();
  }

  /// Where a text lies between 0 and 1, as if by chance.
  private static double place(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return (ByteBuffer.wrap(hash).getLong() >>> 11) * 0x1.0p-53;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  /// Counts a search that was answered by the old version.
  public void old(boolean isAnswered, long nanos) {
    from.add(isAnswered, nanos);
  }

  /// Counts a search that was answered by the new version.
  public void tried(boolean isAnswered, long nanos) {
    to.add(isAnswered, nanos);
  }

  /// Counts a search that both versions answered.
  ///
  /// @param share of the first matches that both have
  public synchronized void agreed(double share) {
    agreement += share;
    compared++;
  }

  /// Counts a search of the share that was not asked again.
  public synchronized void dropped() {
    dropped++;
  }

  /// What was counted so far.
  public synchronized TrialCount count() {
    return TrialCount.newBuilder()
        .setRollout(terms.rollout())
        .setSource(source)
        .setFrom(from.count())
        .setTo(to.count())
        .setAgreement(agreement)
        .setCompared(compared)
        .setDropped(dropped)
        .build();
  }
}
