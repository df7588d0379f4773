package io.attune.indexer;

import io.attune.indexer.Missing.Reason;
import io.attune.indexer.generation.Content;
import io.attune.indexer.generation.Unit;
import io.attune.proto.docarray.DocumentProto;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Says of a document whether it can be embedded again, as far as that shows without trying.
///
/// @param own what becomes of vectors that came with their documents
/// @param dimension that of the wanted space: vectors are kept only if they have it
record Embeddability(OwnVectors own, int dimension) {
  /// Why a document cannot be embedded; empty where nothing speaks against it.
  Optional<Reason> reasonAgainst(Content content) {
    List<String> ownPaths = OwnMark.paths(content.source());
    for (Unit unit : content.units()) {
      if (ownPaths.contains(unit.path())) {
        if (own != OwnVectors.KEEP || unit.vector().length != dimension) {
          return Optional.of(Reason.OWN_VECTOR);
        }
        continue;
      }
      Optional<Reason> reason = reasonAgainst(at(content.source(), unit.path()));
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  /// The paths whose vectors are taken as they are.
  List<String> kept(Content content) {
    return own == OwnVectors.KEEP ? OwnMark.paths(content.source()) : List.of();
  }

  private static DocumentProto at(DocumentProto source, String path) {
    DocumentProto part = source;
    for (int position : Unit.positions(path)) {
      part = part.getChunks(position);
    }
    return part;
  }

  private static Optional<Reason> reasonAgainst(DocumentProto part) {
    boolean hasContent =
        switch (part.getContentCase()) {
          case TEXT -> !part.getText().isEmpty();
          case BLOB -> !part.getBlob().isEmpty();
          case TENSOR -> true;
          case CONTENT_NOT_SET -> false;
        };
    if (hasContent) {
      return Optional.empty();
    }
    if (part.getUri().isEmpty()) {
      return Optional.of(Reason.NO_CONTENT);
    }
    return isGone(part.getUri()) ? Optional.of(Reason.FILE_GONE) : Optional.empty();
  }

  /// Whether a URI names a file of this machine that is not there.
  private static boolean isGone(String uri) {
    try {
      if (uri.startsWith("file:")) {
        return !Files.exists(Path.of(URI.create(uri)));
      }
      return !uri.contains(":") && !Files.exists(Path.of(uri));
    } catch (IllegalArgumentException _) {
      return true;
    }
  }
}
