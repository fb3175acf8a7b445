# shellcheck shell=bash
# Makes and judges the AOT cache (JEP 514): what one start has loaded, linked and profiled, the next ones just map, and
# answer in half the time. To be sourced.

# Writes what the cache was made with: a JVM ignores that of another JDK, and does not say so.
aot_jdk() { printf '%s\n' "$1" && cat "$1/release"; }

# Whether the JDK $1 has yet to make the cache $2, or has made it before one of the other files changed. A JDK that failed
# to make it is not asked again before that.
aot_out_of_date() {
  local jdk=$1 made=$2.jdk
  shift 2
  [ ! -f "$made" ] || [ "$(aot_jdk "$jdk")" != "$(cat "$made")" ] || [ -n "$(find "$@" -newer "$made")" ]
}

# Has the JDK $1, with the options in the file $2, run the jar $3 under load, and leaves the cache $4. Where that fails, it
# says why and there is none. A signal ends both the run and the script.
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
  # Before the run: what changes meanwhile is newer.
  aot_jdk "$jdk" >"$aot_work/jdk"
  train_aot "$jdk/bin/java" "$options" "$jar" || code=$?
  rm -f "$cache" "$cache.jdk"
  # The note comes last: without it, the cache is made again.
  [ $code != 0 ] || mv "$aot_work/cache" "$cache"
  mv "$aot_work/jdk" "$cache.jdk"
  end_aot
  trap - EXIT
  return $code
}

no_aot() {
  printf 'muster: no AOT cache, starts take longer: %s\n' "$*" >&2
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
  local java=$1 options=$2 jar=$3 ports running deadline=$((SECONDS + 60))
  if ! command -v curl >/dev/null; then
    no_aot "needs curl"
    return
  fi
  : >"$aot_work/log"
  # A process group of its own: Ctrl-C reaches this script alone, which ends the group with all that the JVM has started.
  set -m
  (
    # Nothing of the user's own service is to be called.
    unset "${!MUSTER_@}" JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
    export MUSTER_SERVER_PORT=0 MUSTER_ADMIN_PORT=0 MUSTER_DEMO_PORT=0
    exec "$java" @"$options" -XX:AOTCacheOutput="$aot_work/cache" -jar "$jar" demo
  ) >>"$aot_work/log" 2>&1 </dev/null 9<&- &
  aot_pid=$!
  set +m
  while
    # Asked first: what has ended by then has written all that it ever will.
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

# Whether the run goes on, as it may until $1.
aot_runs() { [ $SECONDS -lt "$1" ] && kill -0 "$aot_pid" 2>/dev/null; }

# What the service $1 with the admin port $2 is asked is what the cache makes fast: each kind of answer, failures too.
load_aot() {
  local batch='{"ids":["ada","grace","posts-500_alan","user-404_x"]}'
  {
    ask_aot --fail "$1/profiles/ada" \
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
