package io.attune.cli.rollout;

import io.attune.cli.rollout.Fleet.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Those who search and write through both gateways of a [Fleet].
final class FleetClients implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final int SEARCHES = 50;
  private static final int WRITES = 10;

  private final List<CheckedSearches> searches = new ArrayList<>();
  private final List<CheckedWrites> writes = new ArrayList<>();

  FleetClients(Fleet fleet, PlantedChecker checker) {
    for (Role gateway : List.of(Role.COORDINATOR, Role.GATEWAY)) {
      Excuses excuses = fleet.outages.through(gateway);
      String address = fleet.address(gateway);
      searches.add(new CheckedSearches(address, checker, 2, 1, excuses, PAUSE));
      writes.add(new CheckedWrites(address, writes.size() + 1, excuses, PAUSE));
    }
  }

  /// Waits until all have done some more.
  void goOn() throws InterruptedException {
    long[] searched = searches.stream().mapToLong(each -> each.answered.get()).toArray();
    long[] written = writes.stream().mapToLong(each -> each.writes.get()).toArray();
    for (int i = 0; i < searched.length; i++) {
      while (searches.get(i).answered.get() < searched[i] + SEARCHES
          || writes.get(i).writes.get() < written[i] + WRITES) {
        if (!failed().isEmpty()) {
          throw new AssertionError(failed());
        }
        Thread.sleep(5);
      }
    }
  }

  /// Stops all, and lets the writers look at what they wrote.
  void finish() throws InterruptedException {
    for (CheckedSearches each : searches) {
      each.finish();
    }
    for (CheckedWrites each : writes) {
      each.finish();
    }
  }

  List<String> failed() {
    List<String> failed = new ArrayList<>();
    searches.forEach(each -> failed.addAll(each.failed));
    writes.forEach(each -> failed.addAll(each.failed));
    return failed;
  }

  List<String> mixed() {
    return searches.stream().flatMap(each -> each.mixed.stream()).toList();
  }

  List<String> lost() {
    return writes.stream().flatMap(each -> each.lost.stream()).toList();
  }

  List<String> resurrected() {
    return writes.stream().flatMap(each -> each.resurrected.stream()).toList();
  }

  /// Those that answered.
  Set<String> versions() {
    Set<String> versions = new HashSet<>();
    searches.forEach(each -> versions.addAll(each.versions));
    return versions;
  }

  @Override
  public void close() {
    searches.forEach(CheckedSearches::close);
    writes.forEach(CheckedWrites::close);
  }
}
