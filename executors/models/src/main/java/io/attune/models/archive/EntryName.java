package io.attune.models.archive;

import java.util.Set;

/// The names that a file from an archive may have: relative, downwards, the same on every system.
final class EntryName {
  private static final int MAX_LENGTH = 500;
  private static final int MAX_DEPTH = 8;
  private static final Set<String> NOWHERE = Set.of("", ".", "..");

  private EntryName() {}

  /// What is wrong with a name; empty where nothing is.
  static String flaw(String name) {
    String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    if (path.length() > MAX_LENGTH) {
      return "a name of " + path.length() + " characters";
    }
    if (path.startsWith("/")) {
      return "an absolute path";
    }
    if (path.indexOf('\\') >= 0 || path.indexOf(':') >= 0) {
      return "a backslash or colon in its name";
    }
    if (path.chars().anyMatch(c -> Character.isISOControl(c) || Character.isSurrogate((char) c))) {
      return "a control character in its name";
    }
    String[] parts = path.split("/", -1);
    if (parts.length > MAX_DEPTH) {
      return parts.length + " folders inside each other";
    }
    for (String part : parts) {
      if (NOWHERE.contains(part)) {
        return "the path part \"" + part + '"';
      }
      if (part.endsWith(".") || part.endsWith(" ")) {
        return "a name that ends in a dot or space";
      }
    }
    return "";
  }

  /// What desktop systems leave in archives and folders, which is no part of a model.
  static boolean isDebris(String name) {
    return name.equals("__MACOSX")
        || name.startsWith("__MACOSX/")
        || name.equals(".DS_Store")
        || name.endsWith("/.DS_Store")
        || name.equals("Thumbs.db");
  }
}
