# shellcheck shell=bash
# Shared by the scripts beside it: starts, loads, stops and checks processes.
# To be sourced in the repository's root; begin comes before everything except say, fail, within and needs.
#
# A background process has a name; ${pid[name]} is its process id, $work/name.log its output. $work/stopped has a line for
# every stop: the exit code, and the milliseconds from SIGTERM to the process's end.

say() { printf 'loadtest/%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

# Whether $1 is a whole number from $2 to $3.
within() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 >= $2 && $1 <= $3)); }

# Fails unless the command $1 exists; $2 may say how to get it.
needs() { command -v "$1" >/dev/null || fail 69 "needs $1${2:+: $2}"; }

begin() {
  needs curl
  needs setsid
  [ -r /proc/self/stat ] || fail 69 "needs Linux's /proc"
  declare -gA pid port
  declare -ga via=()
  # A random start in the range that is neither reserved nor used for outgoing connections, so that two runs do not collide.
  next_port=$((10000 + RANDOM % 15000))
  # Requests to local processes must not use a proxy.
  no_proxy=127.0.0.1,${no_proxy-${NO_PROXY-}} NO_PROXY=$no_proxy
  export no_proxy NO_PROXY
  work=$(mktemp -d)
  trap stop_all EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Whether a process of the group $1 still runs. A zombie does not, whatever kill -0 says: process 1 may reap orphans late.
group_runs() {
  local file stat fields
  for file in /proc/[0-9]*/stat; do
    { read -r stat <"$file"; } 2>/dev/null || continue
    # After the name, which may have blanks: state, parent, group.
    read -r -a fields <<<"${stat##*) }"
    [ "${fields[2]}" != "$1" ] || [ "${fields[0]}" = Z ] || return 0
  done
  return 1
}

# Each background process has its own session (see start), so it is stopped with its child processes. start may not have
# recorded the newest one yet, hence jobs.
stop_all() {
  trap '' INT TERM HUP
  local leader leaders deadline=$((SECONDS + 15))
  leaders=$(jobs -p)
  {
    for leader in $leaders; do
      # Just forked, it may not lead a group yet.
      kill -- "-$leader" || kill "$leader" || true
    done
    for leader in $leaders; do
      while group_runs "$leader" || kill -0 "$leader"; do
        if [ $SECONDS -ge $deadline ]; then
          kill -KILL -- "-$leader" || kill -KILL "$leader" || true
          break
        fi
        sleep 0.05
      done
      wait "$leader" || true
    done
  } 2>/dev/null
  rm -rf "$work"
}

# Starts a command in the background, named $1. It is not in the terminal's process group: Ctrl-C reaches only this script,
# and this script stops the rest.
start() {
  local name=$1
  shift
  setsid "$@" >"$work/$name.log" 2>&1 </dev/null &
  pid[$name]=$!
}

show() { tail -n 20 "$work/$1.log" >&2; }

is_running() { [ -d "/proc/${pid[$1]}" ]; }

# Sets port[$1] to the next free one.
choose_port() {
  while (: <"/dev/tcp/127.0.0.1/$next_port") 2>/dev/null; do
    next_port=$((next_port + 1))
  done
  port[$1]=$next_port
  next_port=$((next_port + 1))
}

# Waits until the process $1 answers $2 with 200.
await() {
  local status deadline=$((SECONDS + 30))
  while :; do
    status=$(curl -s -m 5 -o /dev/null -w '%{http_code}' "$2") || true
    # Checked after the response, which may come from another process on that port.
    is_running "$1" || {
      show "$1"
      fail 1 "$1 did not start"
    }
    [ "$status" != 200 ] || return 0
    [ $SECONDS -lt $deadline ] || {
      show "$1"
      fail 1 "$1: no 200 from $2 within 30 s"
    }
    sleep 0.05
  done
}

# Starts the demo backends for all instances, which then use no others.
start_backends() {
  local variable
  # Builds first, so that no start includes a build. 78: there are no backends yet.
  start check ./run check
  wait "${pid[check]}" || [ $? = 78 ] || {
    show check
    fail 1 "the service cannot be built or started"
  }
  choose_port backends
  export MUSTER_DEMO_PORT=${port[backends]}
  start backends ./run backends
  await backends "http://127.0.0.1:${port[backends]}/users/ada"
  for variable in "${!MUSTER_BACKENDS_@}"; do
    [[ $variable != *_BASE_URI ]] || unset "$variable"
  done
  export MUSTER_BACKENDS_BASE_URI=http://127.0.0.1:${port[backends]}
}

# Sets time limits above a slow response on a busy machine, and below the limits of a stop: the tests look for the effect of a
# stop or a batch on a request.
allow_time() {
  export MUSTER_BACKENDS_TIMEOUT=PT5S MUSTER_DEADLINE_DEFAULT=PT6S
}

# Starts the instance $1, on the same ports each time, and waits until it is ready.
start_instance() {
  [ -n "${port[$1]-}" ] || {
    choose_port "$1"
    choose_port "$1-admin"
  }
  MUSTER_SERVER_PORT=${port[$1]} MUSTER_ADMIN_PORT=${port[$1-admin]} start "$1" ./run serve
  await "$1" "http://127.0.0.1:${port[$1-admin]}/health/ready"
}

now_ms() { echo $(($(date +%s%N) / 1000000)); }

# Stops the process $1 with SIGTERM, waits for its end and records it in $work/stopped.
stop_one() {
  local begin code=0
  start limit sleep 60
  begin=$(now_ms)
  kill "${pid[$1]}" 2>/dev/null || {
    show "$1"
    fail 1 "$1 has ended by itself"
  }
  wait -n "${pid[$1]}" "${pid[limit]}" || code=$?
  echo "$code $(($(now_ms) - begin))" >>"$work/stopped"
  ! is_running "$1" || fail 1 "$1 still runs 60 s after SIGTERM"
  kill "${pid[limit]}"
  wait "${pid[limit]}" || true
}

# The exit codes in $work/stopped, with their counts.
exit_codes() {
  cut -d ' ' -f 1 "$work/stopped" | LC_ALL=C sort -n | uniq -c \
    | LC_ALL=C awk '{printf "%s%d (%d times)", (NR > 1 ? ", " : ""), $2, $1} END {print ""}'
}

stopped_in_order() { ! cut -d ' ' -f 1 "$work/stopped" | grep -qvx 0; }

# The milliseconds in $work/stopped.
stop_times() {
  cut -d ' ' -f 2 "$work/stopped" | LC_ALL=C sort -n | LC_ALL=C awk '
    {value[NR] = $1}
    END {
      median = (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2
      printf "min %d ms, median %.0f ms, max %d ms\n", value[1], median, value[NR]
    }'
}

# Starts loadtest/drain with the given options, and returns when it is time to stop something. drain's own command only waits:
# the caller stops the process, because only a parent gets the exit code. ${via[@]} is a prefix for drain's command, if the
# service is not reachable from here.
begin_load() {
  rm -f "$work/begun" "$work/done"
  start drain "${via[@]}" loadtest/drain "$@" --json "$work/drain.json" \
    --during "touch '$work/begun'; while [ -d '$work' ] && [ ! -e '$work/done' ]; do sleep 0.02; done"
  until [ -e "$work/begun" ]; do
    is_running drain || {
      show drain
      fail 1 "the load did not start"
    }
    sleep 0.02
  done
}

# Ends the load; its exit code is drain's: 1 if something was lost or wrong.
end_load() {
  local code=0
  touch "$work/done"
  wait "${pid[drain]}" || code=$?
  if [ $code -gt 1 ] || [ ! -s "$work/drain.json" ]; then
    show drain
    fail 1 "the load failed"
  fi
  return $code
}

# The number $1 of drain's result.
result() {
  local value
  value=$(sed -n "s/.*\"$1\" *: *\\([0-9.]*\\).*/\\1/p" "$work/drain.json")
  [ -n "$value" ] || fail 1 "drain's result has no $1"
  echo "$value"
}
