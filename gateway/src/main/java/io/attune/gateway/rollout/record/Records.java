package io.attune.gateway.rollout.record;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Small texts by key, each replaced only by who has seen the last one: of several processes that
/// replace the same, exactly one wins. A folder has this, and so has an object store with
/// conditional writes.
public interface Records {
  /// The revision of a text that is not there.
  String NONE = "";

  /// A text and which one it is.
  ///
  /// @param revision not [#NONE]
  record Entry(String text, String revision) {}

  /// The last text of a key; empty where there is none.
  Optional<Entry> read(String key) throws IOException;

  /// Replaces a text; it survives a power cut when this returns. Where it throws, the text may be
  /// replaced or not.
  ///
  /// @param key names between slashes: letters, digits, `.`, `_`, `-`, the first no dot
  /// @param seen the revision to replace; [#NONE] for none
  /// @return the new revision; empty where `seen` is not the last one
  Optional<String> compareAndSet(String key, String seen, String text) throws IOException;

  /// Removes a text and its revisions at once, for good: nobody replaces it any more. Where it
  /// throws, or the power goes, it may still be there. One that is not there is none to remove.
  void remove(String key) throws IOException;

  /// The keys below a folder of keys, sorted.
  List<String> keys(String folder) throws IOException;
}
