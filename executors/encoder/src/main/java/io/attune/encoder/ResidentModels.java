package io.attune.encoder;

import io.attune.encoder.rollout.Versions;
import io.attune.models.process.NativeMemory;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The model versions that are loaded, and the one that serves requests without a stamp.
///
/// Every use holds a lease. A version that is removed gives no new request a lease, and is closed
/// when the last one is given back, so no batch ever runs on a closed session; until then the
/// batches of requests that hold one still run. The monitor of this object guards everything;
/// models are closed outside it.
final class ResidentModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResidentModels.class);

  private final Map<ModelVersion, Resident> residents = new HashMap<>();
  private final Set<Resident> leaving = new LinkedHashSet<>();
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

    private Versions.Held held() {
      return new Versions.Held(model.id(), model.space(), model.bytes(), !removed);
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
    synchronized (this) {
      var _ = require(version);
      if (version.equals(live)) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "model: " + version + " is live (expected: a version that is not)");
      }
    }
    close(take(List.of(version)));
  }

  /// Makes a loaded version the live one and removes all others of its name but those that are
  /// kept.
  ///
  /// @throws FlowException UNAVAILABLE where it is not loaded
  void serve(ModelVersion version, Collection<ModelVersion> kept) {
    List<EmbeddingModel> unused;
    synchronized (this) {
      live(version);
      unused =
          take(
              residents.keySet().stream()
                  .filter(held -> held.name().equals(version.name()))
                  .filter(held -> !held.equals(version) && !kept.contains(held))
                  .toList());
    }
    close(unused);
  }

  /// Takes versions out of reach.
  ///
  /// @return those that nothing uses
  private synchronized List<EmbeddingModel> take(List<ModelVersion> versions) {
    List<EmbeddingModel> unused = new ArrayList<>();
    for (ModelVersion version : versions) {
      Resident resident = residents.remove(version);
      if (resident != null) {
        resident.removed = true;
        if (resident.leases == 0) {
          unused.add(resident.model);
        } else {
          leaving.add(resident);
        }
      }
    }
    return unused;
  }

  private static void close(List<EmbeddingModel> models) {
    for (EmbeddingModel model : models) {
      model.close();
      LOG.atInfo().addKeyValue("model", model.id()).log("model unloaded");
    }
    if (!models.isEmpty()) {
      NativeMemory.trim();
    }
  }

  /// What is in memory, versions that wait for their last request included, sorted by version.
  synchronized List<Versions.Held> held() {
    return Stream.concat(residents.values().stream(), leaving.stream())
        .map(Resident::held)
        .sorted(
            Comparator.comparing((Versions.Held held) -> held.version().name())
                .thenComparingInt(held -> held.version().version()))
        .toList();
  }

  /// The memory that they take, in bytes, estimated.
  long bytes() {
    return held().stream().mapToLong(Versions.Held::bytes).sum();
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

  /// A lease for the batch of a request that holds one, also of a version that was removed since.
  ///
  /// @throws FlowException UNAVAILABLE where nobody holds one any more
  synchronized Lease leaseAgain(ModelVersion version) {
    Resident resident =
        leaving.stream()
            .filter(each -> each.model.id().equals(version) && !residents.containsKey(version))
            .findFirst()
            .orElseGet(() -> require(version));
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
      leaving.remove(resident);
    }
    close(List.of(resident.model));
  }

  /// Closes all versions, those in use once they are given back.
  @Override
  public void close() {
    close(take(versions()));
  }
}
