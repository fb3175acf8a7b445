# shellcheck shell=bash
# What the scripts beside it share: processes that are started, loaded, stopped and looked after.
# To be sourced in the repository's root; begin comes before everything but say, fail, within and needs.
#
# What runs in the background has a name; ${pid[name]} is its process, $work/name.log what it writes. $work/stopped has
# a line for every stop: the exit code, and the milliseconds from SIGTERM to the process' end.

say() { printf 'loadtest/%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
  local code=$1
  shift
  say "$@"
  exit "$code"
}

# Whether $1 is a whole number from $2 to $3.
within() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && (($1 >= $2 && $1 <= $3)); }

# Fails unless the command $1 is there; $2 may say how to get it.
needs() { command -v "$1" >/dev/null || fail 69 "needs $1${2:+: $2}"; }

begin() {
  needs curl
  needs setsid
  [ -r /proc/self/stat ] || fail 69 "needs Linux's /proc"
  declare -gA pid port
  declare -ga via=()
  # Somewhere in what is neither reserved nor given to outgoing connections, so that two runs do not meet.
  next_port=$((10000 + RANDOM % 15000))
  # A proxy for the outer world is none for what is started here.
  no_proxy=127.0.0.1,${no_proxy-${NO_PROXY-}} NO_PROXY=$no_proxy
  export no_proxy NO_PROXY
  work=$(mktemp -d)
  trap stop_all EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Whether anything of the process group $1 still runs. What has ended and waits for its parent does not, whatever kill -0
# says: where process 1 takes its time to see to orphans, that may be long.
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

# Everything in the background is a session of its own (see start), so that it is stopped with all that it started.
# $! may be newer than what start was able to note, hence jobs.
stop_all() {
  trap '' INT TERM HUP
  local leader leaders deadline=$((SECONDS + 15))
  leaders=$(jobs -p)
  {
    for leader in $leaders; do
      # Just forked, it may lead nothing yet.
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

# Starts a command in the background, known as $1. Apart from the terminal's process group: Ctrl-C reaches this script
# alone, and this script stops the rest.
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
    # Asked after the answer, which may be that of someone else who took the port.
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

# Starts the demo backends, and has every instance use them.
start_backends() {
  local backend
  # Builds, so that no start is a build. 78: there are no backends yet.
  start check ./run check
  wait "${pid[check]}" || [ $? = 78 ] || {
    show check
    fail 1 "the service cannot be built or started"
  }
  choose_port backends
  export MUSTER_DEMO_PORT=${port[backends]}
  start backends ./run backends
  await backends "http://127.0.0.1:${port[backends]}/users/ada"
  for backend in USER POSTS FRIENDS; do
    export "MUSTER_BACKENDS_${backend}_BASE_URI=http://127.0.0.1:${port[backends]}"
  done
}

# Gives every instance time limits above what a slow answer takes on a busy machine, and below what a stop allows: what is
# looked for is what a stop or a batch does to a request.
allow_time() {
  export MUSTER_BACKENDS_{USER,POSTS,FRIENDS}_TIMEOUT=PT5S MUSTER_DEADLINE_DEFAULT=PT6S
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

# Stops the process $1 with SIGTERM, waits for its end and notes it in $work/stopped.
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

# The exit codes in $work/stopped, and how often each was seen.
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

# Starts loadtest/drain with the given options, and returns when it says that it is time to stop something. The stopping
# is not drain's own command, because only the parent of a process is told its exit code: that command just waits.
# ${via[@]} is what drain is started through, where the service is not to be reached from here.
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

# Ends the load; its exit code is drain's: 1 where something was lost or wrong.
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
