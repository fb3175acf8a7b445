# shellcheck shell=bash
# Makes and checks the AOT cache (JEP 514). The next starts map what one start has loaded, linked and profiled, and respond in
# half the time. To be sourced.

# Prints the cache's inputs: the JDK $1, the options in the file $2, the jar $3, its libraries and this script. A JVM also
# takes a cache whose jars were replaced since, and runs the old code.
aot_origin() {
  printf '%s\n' "$1"
  cat "$1/release"
  (
    shopt -s nullglob
    cksum "$2" "$3" "$(dirname "$3")"/lib/*.jar "${BASH_SOURCE[0]}"
  )
}

# Whether the JDK $1 must make the cache $4 with the options in the file $2 and the jar $3. After a failure it tries again only
# if one of these changes.
aot_out_of_date() {
  [ ! -f "$4.made" ] || [ "$(aot_origin "$1" "$2" "$3")" != "$(cat "$4.made")" ]
}

# Runs the jar $3 on the JDK $1 under load, with the options in the file $2, and leaves the cache $4. If that fails, it prints
# the reason and leaves it instead of the cache. A signal ends both the run and the script.
make_aot() {
  local jdk=$1 options=$2 jar=$3 cache=$4 code=0
  aot_pid=
  if ! aot_work=$(mktemp -d "$cache.XXXXXX" 2>/dev/null); then
    no_aot "cannot write beside $cache"
    return
  fi
  trap end_aot EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # Before the run, so that a change during the run counts as a change.
  aot_origin "$jdk" "$options" "$jar" >"$aot_work/made"
  list_jars "$jar" >"$aot_work/jars"
  train_aot "$jdk/bin/java" "$options" "$jar" || code=$?
  rm -f "$cache" "$cache".{made,jars,failed,verdict}
  if [ $code = 0 ]; then
    mv "$aot_work/jars" "$cache.jars"
    mv "$aot_work/cache" "$cache"
  else
    mv "$aot_work/failed" "$cache.failed"
  fi
  # Last: without this file, the cache is made again.
  mv "$aot_work/made" "$cache.made"
  end_aot
  trap - EXIT
  return $code
}

# Prints CRC-32, size and name of the jar $1 and each of its libraries. The service compares them itself. A JVM computes CRC-32
# fast, but no tool prints it. gzip's output ends with it, and with the size (RFC 1952, section 2.3.1).
list_jars() (
  cd "$(dirname "$1")" || exit
  shopt -s nullglob
  for file in "$(basename "$1")" lib/*.jar; do
    # shellcheck disable=SC2046 # eight numbers, for any byte order
    set -- $(gzip -1 -c "$file" | tail -c 8 | od -A n -t u1)
    printf '%d %d %s\n' $(($1 | $2 << 8 | $3 << 16 | $4 << 24)) $(($5 | $6 << 8 | $7 << 16 | $8 << 24)) "$file"
  done
)

no_aot() {
  printf 'muster: no AOT cache, starts take longer: %s\n' "$*" >&2
  [ -z "$aot_work" ] || printf '%s\n' "$*" >"$aot_work/failed"
  return 1
}

end_aot() {
  trap '' HUP INT TERM
  if [ -n "$aot_pid" ]; then
    kill -KILL -- "-$aot_pid" || true
    wait "$aot_pid" || true
  fi 2>/dev/null
  rm -rf "$aot_work"
  trap - HUP INT TERM
}

train_aot() {
  local java=$1 options=$2 jar=$3 ports running deadline=$((SECONDS + 120))
  if ! command -v curl >/dev/null; then
    no_aot "needs curl"
    return
  fi
  : >"$aot_work/log"
  # Its own process group: Ctrl-C reaches only this script, which ends the group with everything that the JVM has started.
  set -m
  (
    # The user's settings must not apply: the run must not call the user's backends.
    unset "${!MUSTER_@}" JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
    export MUSTER_SERVER_PORT=0 MUSTER_ADMIN_PORT=0 MUSTER_DEMO_PORT=0
    exec "$java" @"$options" -XX:AOTCacheOutput="$aot_work/cache" -jar "$jar" demo
  ) >>"$aot_work/log" 2>&1 </dev/null 9<&- &
  aot_pid=$!
  set +m
  while
    # Check this first: an ended process has written its whole log.
    aot_runs $deadline && running=yes || running=no
    ports=$(sed -n 's/.* serving on .*:\([0-9]*\), admin on .*:\([0-9]*\)$/\1 \2/p' "$aot_work/log")
    [ -z "$ports" ]
  do
    if [ $running = no ]; then
      no_aot "the service did not start: $(head -n 1 "$aot_work/log")"
      return
    fi
    sleep 0.05
  done
  if ! load_aot "http://127.0.0.1:${ports% *}" "http://127.0.0.1:${ports#* }"; then
    no_aot "the service did not answer"
    return
  fi
  kill "$aot_pid" 2>/dev/null || true
  while aot_runs $deadline; do
    sleep 0.05
  done
  [ -s "$aot_work/cache" ] || no_aot "the JVM made none: $(tail -n 1 "$aot_work/log")"
}

# Whether the run goes on. It may until $1.
aot_runs() { [ $SECONDS -lt "$1" ] && kill -0 "$aot_pid" 2>/dev/null; }

# Loads the service $1 with the admin port $2. The cache makes these requests fast: each kind of response, including failures.
load_aot() {
  local batch='{"ids":["ada","grace","posts-500_alan","user-404_x"]}'
  {
    # On a busy machine the first response of a cold JVM can miss its deadline.
    ask_aot --fail --retry 5 "$1/profiles/ada" \
      && ask_aot "$1/profiles/{ada,grace,nobody,posts-503_ada,friends-reset_alan,user-nojson_barbara}?[1-10]" \
      && ask_aot -H 'Prefer: handling=lenient' "$1/profiles/{posts-500_ada,friends-cut_alan}?[1-5]" \
      && ask_aot -H 'x-envoy-expected-rq-timeout-ms: 100' "$1/profiles/friends-hang_ada" \
      && ask_aot -H 'Content-Type: application/json' -d "$batch" "$1/profiles:batch?[1-5]" \
      && ask_aot -H 'Content-Type: application/json' -H 'Accept: application/x-ndjson' -d "$batch" \
        "$1/profiles:batch?[1-5]" \
      && ask_aot "$2/health/{live,ready,started}" "$2/metrics"
  } >/dev/null
}

ask_aot() { curl --silent --noproxy '*' --max-time 10 "$@"; }

# Prints why the JVM of the given command rejects the cache $1. Prints nothing if the JVM takes it, or does not start in either
# case. A JVM rejects before an agent or a recording can listen or write, and with one of these it always rejects.
aot_refusal() {
  local cache=$1 said code=0 why
  shift
  said=$("$@" -XX:AOTCache="$cache" -XX:AOTMode=on -Xlog:disable -Xlog:aot=info:stderr:none -version \
    2>&1 </dev/null 9<&-) || code=$?
  case $code:$said in
    0:*", sharing"*) return ;;
    0:* | *"Unable to use AOT cache"*) ;;
    *) return ;;
  esac
  case $said in
    *"saved state of UseCompressedOops"*) why="it has compressed oops, which neither ZGC nor a heap above some 32 GB has" ;;
    *) why=$(sed -n 's/^.* warning: //; s/^Unable to use AOT cache: //
        /CDS is disabled/p; /^Mismatched /p; / does not equal /p; / cannot be used with /p' <<<"$said" | head -n 1) ;;
  esac
  printf '%s\n' "${why:-the JVM does not say why}"
}
