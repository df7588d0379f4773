package io.attune.cli;

/// The exit codes of the command line.
public final class ExitCode {
  /// It worked.
  public static final int OK = 0;

  /// It was tried and failed.
  public static final int FAILURE = 1;

  /// The command line, a file or a value is wrong; nothing was done.
  public static final int USAGE = 2;

  /// A server could not be reached or was not ready in time.
  public static final int UNAVAILABLE = 3;

  /// A measured value missed its goal (`bench`).
  public static final int GOAL_MISSED = 4;

  /// A build for the launcher failed.
  public static final int BUILD_FAILED = 70;

  /// Ended by Ctrl-C.
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
