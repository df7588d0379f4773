package io.attune.gateway.rollout.trial;

import com.google.protobuf.ByteString;
import io.attune.gateway.rollout.record.JudgedRecord;
import io.attune.gateway.rollout.record.TrialRecord;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.TrialCount;
import io.attune.proto.attune.VersionCount;
import io.attune.proto.attune.VersionFigures;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The two versions side by side, over all gateways: histograms are added, not percentiles.
///
/// The new version is *worse* where its errors cannot be chance: of 20 searches or more, the lower
/// end of the 99.9 % interval (Wilson, 1927) of its share of errors lies above the upper end of the
/// old one's. Where the old one had fewer than 20 searches, such as with a share of 1, it must lie
/// above a half. The interval is wide as it is looked at again and again.
public final class Comparison {
  private static final int FEWEST = 20;
  private static final double Z = 3.2905; // of 99.9 %
  private static final double HALF = 0.5;
  private static final double MEDIAN = 50;
  private static final double LAST = 99;

  private Comparison() {}

  /// A gateway's count, to be kept.
  public static TrialRecord.Report report(TrialCount count) {
    return new TrialRecord.Report(
        count.getSource(),
        kept(count.getFrom()),
        kept(count.getTo()),
        count.getAgreement(),
        count.getCompared(),
        count.getDropped());
  }

  private static TrialRecord.Count kept(VersionCount count) {
    return new TrialRecord.Count(
        count.getSearches(),
        count.getErrors(),
        Base64.getEncoder().encodeToString(count.getLatencies().toByteArray()));
  }

  /// What all gateways found, and what people said.
  public static RolloutComparison of(TrialRecord record, JudgedRecord judged) {
    long compared = record.sum(TrialRecord.Report::compared);
    double agreement = record.reports().stream().mapToDouble(TrialRecord.Report::agreement).sum();
    return RolloutComparison.newBuilder()
        .setFrom(figures(record.reports(), TrialRecord.Report::from, judged.from()))
        .setTo(figures(record.reports(), TrialRecord.Report::to, judged.to()))
        .setAgreement(compared == 0 ? 0 : agreement / compared)
        .setCompared(compared)
        .setDropped(record.sum(TrialRecord.Report::dropped))
        .build();
  }

  private static VersionFigures figures(
      List<TrialRecord.Report> reports,
      Function<TrialRecord.Report, TrialRecord.Count> version,
      JudgedRecord.Count judged) {
    Latencies all = new Latencies();
    long searches = 0;
    long errors = 0;
    for (TrialRecord.Report report : reports) {
      TrialRecord.Count count = version.apply(report);
      searches += count.searches();
      errors += count.errors();
      all.add(ByteString.copyFrom(Base64.getDecoder().decode(count.latencies())));
    }
    VersionFigures.Builder figures =
        VersionFigures.newBuilder()
            .setSearches(searches)
            .setErrors(errors)
            .setP50(all.percentile(MEDIAN))
            .setP99(all.percentile(LAST));
    if (judged.searches() > 0) {
      figures.setJudged(judged.toProto());
    }
    return figures.build();
  }

  /// Why the new version is worse; null where it is not, as far as is known.
  public static @Nullable String worse(TrialRecord record) {
    long searches = record.sum(each -> each.to().searches());
    long errors = record.sum(each -> each.to().errors());
    if (searches < FEWEST) {
      return null;
    }
    long before = record.sum(each -> each.from().searches());
    long errorsBefore = record.sum(each -> each.from().errors());
    double most = before < FEWEST ? HALF : bound(errorsBefore, before, 1);
    if (bound(errors, searches, -1) <= most) {
      return null;
    }
    return "canary: %d of %d searches of the new version failed, of the old one %d of %d"
        .formatted(errors, searches, errorsBefore, before);
  }

  /// An end of Wilson's interval of a share.
  ///
  /// @param side 1 for the upper one, -1 for the lower one
  private static double bound(long hits, long of, int side) {
    double share = (double) hits / of;
    double square = Z * Z / of;
    double width = Z * Math.sqrt(share * (1 - share) / of + square / (4 * of));
    return (share + square / 2 + side * width) / (1 + square);
  }
}
