package io.attune.trainer.run;

import java.util.Locale;

/// Which values of what is monitored are better.
public enum MonitorMode {
  /// Lower of a loss, higher of anything else.
  AUTO,
  /// Lower.
  MIN,
  /// Higher.
  MAX;

  /// Its name in configurations.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Whether lower values of a monitored name are better.
  public boolean isLowerBetter(String monitor) {
    return switch (this) {
      case AUTO -> monitor.endsWith("loss");
      case MIN -> true;
      case MAX -> false;
    };
  }
}
