# Sets and exports JAVA_HOME to a JDK 25 or newer; sourced by ./mvnw and ./attune (POSIX sh).
# Looks at JAVA_HOME, then the java on the path, then where Debian, Temurin and SDKMAN put JDKs.
# ATTUNE_JDK_ROOTS replaces those places, for tests. Ends the caller with one line where there is none.

# The feature version of the JDK at $1, from its release file; nothing where there is no JDK.
attune_jdk_feature() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

attune_jdk_fits() {
  attune_feature=$(attune_jdk_feature "$1")
  [ -n "$attune_feature" ] && [ "$attune_feature" -ge 25 ]
}

attune_find_jdk() {
  if [ -n "${JAVA_HOME-}" ] && attune_jdk_fits "$JAVA_HOME"; then
    return 0
  fi
  attune_java=$(command -v java 2>/dev/null) && attune_java=$(readlink -f "$attune_java") || attune_java=
  for attune_home in "${attune_java%/bin/java}"; do
    if [ -n "$attune_home" ] && attune_jdk_fits "$attune_home"; then
      JAVA_HOME=$attune_home
      return 0
    fi
  done
  case $- in *f*) attune_noglob=1 ;; *) attune_noglob= ;; esac
  set +f
  attune_found=
  for attune_root in ${ATTUNE_JDK_ROOTS:-/usr/lib/jvm /opt/java /opt "${HOME-}/.sdkman/candidates/java" "${HOME-}/.jdks"}; do
    for attune_home in "$attune_root"/*; do
      if [ -z "$attune_found" ] && attune_jdk_fits "$attune_home"; then
        attune_found=$attune_home
      fi
    done
  done
  [ -z "$attune_noglob" ] || set -f
  if [ -z "$attune_found" ]; then
    echo "attune: no JDK 25 found (looked at JAVA_HOME, the path, /usr/lib/jvm and /opt): install one, e.g. temurin-25-jdk or openjdk-25-jdk-headless, or set JAVA_HOME to it" >&2
    exit 1
  fi
  JAVA_HOME=$attune_found
}

attune_find_jdk
export JAVA_HOME
