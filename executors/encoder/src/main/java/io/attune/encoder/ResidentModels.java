package io.attune.encoder;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// The model versions that are loaded, and the one that serves requests without a stamp.
///
/// Every use holds a lease. A version that is removed gives no new lease, and is closed when the
/// last one is given back, so no batch ever runs on a closed session. The monitor of this object
/// guards everything; models are closed outside it.
final class ResidentModels implements AutoCloseable {
  private final Map<ModelVersion, Resident> residents = new HashMap<>();
  private ModelVersion live;

  /// Models with one version, which is live.
  ResidentModels(EmbeddingModel first) {
    live = first.id();
    residents.put(live, new Resident(first));
  }

  /// A model in use; give it back when done.
  final class Lease implements AutoCloseable {
    private final Resident resident;
    private final AtomicBoolean returned = new AtomicBoolean();

    private Lease(Resident resident) {
      this.resident = resident;
    }

    EmbeddingModel model() {
      return resident.model;
    }

    @Override
    public void close() {
      if (returned.compareAndSet(false, true)) {
        release(resident);
      }
    }
  }

  private static final class Resident {
    private final EmbeddingModel model;
    private int leases;
    private boolean removed;

    private Resident(EmbeddingModel model) {
      this.model = model;
    }
  }

  /// Adds a version beside the others.
  ///
  /// @throws FlowException ALREADY_EXISTS where it is there
  synchronized void add(EmbeddingModel model) {
    if (residents.containsKey(model.id())) {
      throw new FlowException(
          ErrorCode.ALREADY_EXISTS, "model: " + model.id() + " is loaded (expected: another)");
    }
    residents.put(model.id(), new Resident(model));
  }

  /// Makes a loaded version the live one.
  synchronized void live(ModelVersion version) {
    require(version);
    live = version;
  }

  /// The live version.
  synchronized ModelVersion live() {
    return live;
  }

  /// The loaded versions, sorted by name and version.
  synchronized List<ModelVersion> versions() {
    List<ModelVersion> versions = new ArrayList<>(residents.keySet());
    versions.sort(Comparator.comparing(ModelVersion::name).thenComparingInt(ModelVersion::version));
    return versions;
  }

  /// Removes a version that is not live; it is closed once nothing uses it.
  void remove(ModelVersion version) {
    Resident resident;
    synchronized (this) {
      resident = require(version);
      if (version.equals(live)) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "model: " + version + " is live (expected: a version that is not)");
      }
      residents.remove(version);
      resident.removed = true;
      if (resident.leases > 0) {
        return;
      }
    }
    resident.model.close();
  }

  /// The version that a request's stamp asks for, or the live one where the stamp names no model
  /// that is here.
  ModelVersion stamped(List<ModelVersion> stamp) {
    List<ModelVersion> versions = versions();
    Optional<ModelVersion> named =
        stamp.stream()
            .filter(asked -> versions.stream().anyMatch(held -> held.name().equals(asked.name())))
            .findFirst();
    return named.orElseGet(this::live);
  }

  /// The version that a `model` parameter names: `name@version`, or `name` for its live or else its
  /// newest version here.
  synchronized ModelVersion named(String reference) {
    if (reference.indexOf('@') >= 0) {
      return ModelVersion.parse(reference);
    }
    if (live.name().equals(reference)) {
      return live;
    }
    return versions().stream()
        .filter(version -> version.name().equals(reference))
        .reduce((_, later) -> later)
        .orElseThrow(() -> unavailable(reference));
  }

  /// A lease of a version.
  ///
  /// @throws FlowException UNAVAILABLE where the version is not loaded
  synchronized Lease lease(ModelVersion version) {
    Resident resident = require(version);
    resident.leases++;
    return new Lease(resident);
  }

  private Resident require(ModelVersion version) {
    Resident resident = residents.get(version);
    if (resident == null) {
      throw unavailable(version.toString());
    }
    return resident;
  }

  private FlowException unavailable(String asked) {
    return new FlowException(
        ErrorCode.UNAVAILABLE,
        "model: %s is not loaded here (expected: one of %s)".formatted(asked, versions()));
  }

  private void release(Resident resident) {
    synchronized (this) {
      resident.leases--;
      if (resident.leases > 0 || !resident.removed) {
        return;
      }
    }
    resident.model.close();
  }

  /// Closes all versions, those in use once they are given back.
  @Override
  public void close() {
    List<Resident> unused = new ArrayList<>();
    synchronized (this) {
      for (Resident resident : residents.values()) {
        resident.removed = true;
        if (resident.leases == 0) {
          unused.add(resident);
        }
      }
      residents.clear();
    }
    unused.forEach(resident -> resident.model.close());
  }
}
