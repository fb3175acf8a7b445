# shellcheck shell=bash
# Finds a Java 25. Every script uses this, so that all search the same places. To be sourced.

# Prints $1 if it is the home of a Java 25 that has bin/$2.
java25() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/$2" ] \
    && grep -q '^JAVA_VERSION="25[".+-]' "$1/release" 2>/dev/null \
    && printf '%s\n' "$1"
}

# Prints the first Java 25 that has bin/$1.
find_jdk() {
  local home
  for home in "${JAVA_HOME-}" "${JAVA_HOME_25_X64-}" /usr/lib/jvm/*25* ~/.sdkman/candidates/java/25* ~/.jdks/*25* \
    /Library/Java/JavaVirtualMachines/*25*/Contents/Home; do
    if java25 "$home" "$1"; then return; fi
  done
  if [ -x /usr/libexec/java_home ] && home=$(/usr/libexec/java_home -v 25 2>/dev/null); then
    if java25 "$home" "$1"; then return; fi
  fi
  # Last, because it starts a JVM: a Java on the PATH, from a version manager or Homebrew.
  home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p') || return 1
  java25 "$home" "$1"
}
