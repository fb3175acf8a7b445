# shellcheck shell=bash
# The load generator of loadtest/run: k6, the resources of k6 and the service during the run, and whether k6 was fast enough.
# To be sourced after service.sh, pairs.sh and report.sh. load calls meanwhile each second, with the seconds since its begin.
# shellcheck disable=SC2154

readonly BUILT=loadtest/k6/target/k6
# Of all cores' time. Above this, responses wait for k6, and the figures are k6's own.
readonly BUSY=80 # percent
# Above this, all cores are busy.
readonly FULL=95 # percent
# Share of the time that all cores may be busy without a warning.
readonly FULL_TIME=10 # percent
# Of all cores' time, for other machines on the same host. Above this, times say nothing about the service: requests stand
# still for whole seconds.
readonly STOLEN=20 # percent

# Sets k6 to an executable.
find_k6() {
  if k6=$(command -v k6) && [[ $("$k6" version 2>/dev/null) =~ ^k6\ v([0-9]+)\. ]] && ((BASH_REMATCH[1] >= 2)); then
    return
  fi
  k6=$PWD/$BUILT
  if [ ! -x "$k6" ] || [ loadtest/k6/go.mod -nt "$k6" ]; then
    needs go "k6 2 or later is not on the PATH; install either"
    say "building k6, which takes a minute or two, once"
    (cd loadtest/k6 && go build -o "$k6" go.k6.io/k6/v2) || fail 69 "k6 could not be built"
  fi
}

# The resources of the process $1 now: CPU in milliseconds, resident memory in kB, threads, sockets.
process_line() {
  local cpu
  cpu=$(cpu_us "${pid[$1]}") || return
  printf '%d,%s,%d' $((cpu / 1000)) \
    "$(awk '/^VmRSS/ {rss = $2} /^Threads/ {threads = $2} END {printf "%d,%d", rss, threads}' "/proc/${pid[$1]}/status")" \
    "$(find "/proc/${pid[$1]}/fd" -lname 'socket:*' 2>/dev/null | wc -l)"
}

# The idle time and the stolen time of all cores together, in milliseconds.
not_ours_ms() {
  local fields tick
  tick=$(getconf CLK_TCK)
  read -r -a fields </proc/stat
  echo $(((fields[4] + fields[5]) * 1000 / tick)),$((fields[8] * 1000 / tick))
}

# Samples once a second until k6 has ended, in the background. A line in $work/generator.csv, in milliseconds: the time since
# $1, k6's CPU time, idle time, stolen time.
sample() {
  local begun=$1 since line
  while is_running k6; do
    since=$(($(now_ms) - begun))
    if [ -n "${pid[service]-}" ] && line=$(process_line service 2>/dev/null); then
      echo "$((since / 1000)),$line" >>"$work/service.csv"
    fi
    ! line=$(cpu_us "${pid[k6]}") || echo "$since,$((line / 1000)),$(not_ours_ms)" >>"$work/generator.csv"
    sleep 1
  done
}

# Watches from k6's first request to its end. Before that, k6 is busy with its own start.
watch_k6() {
  local begun sampler
  until grep -q '^running' "$work/k6.log" || ! is_running k6; do sleep 0.1; done
  begun=$(now_ms)
  echo "seconds,cpu_ms,rss_kb,threads,sockets" >"$work/service.csv"
  : >"$work/generator.csv"
  sample "$begun" &
  sampler=$!
  while is_running k6; do
    meanwhile $((($(now_ms) - begun) / 1000))
    start tick sleep 1
    wait -n "${pid[tick]}" "${pid[k6]}" || true
  done
  kill $sampler 2>/dev/null || true
  wait $sampler || true
}

load() {
  local code=0
  export K6_NO_USAGE_REPORT=true K6_AUTO_EXTENSION_RESOLUTION=false \
    K6_WEB_DASHBOARD=true K6_WEB_DASHBOARD_PORT=-1 K6_WEB_DASHBOARD_PERIOD=1s K6_WEB_DASHBOARD_EXPORT=$work/report.html
  : >"$work/k6.errors"
  start k6 "$k6" run --no-color --log-output="file=$work/k6.errors" "loadtest/k6/tests/$test.js"
  grep --line-buffered '^running' <(tail -n +1 -f --pid="${pid[k6]}" "$work/k6.log") >&2 &
  watch_k6
  wait "${pid[k6]}" || code=$?
  # 99: a promise was broken; 108: ended early, because it made no sense to go on.
  if [[ ! $code =~ ^(0|99|108)$ ]] || [ ! -s "$work/promises.tsv" ]; then
    tail -n 5 "$work/k6.errors" "$work/k6.log" >&2
    fail 1 "k6 failed with exit code $code"
  fi
}

# Three numbers, in percent: k6's share of all cores' time in its busiest five seconds, or in all if there were no five; the
# share of the time with all cores busy; and the stolen share of all cores' time in its worst five seconds. Less than five
# seconds of the latter say nothing.
generator_load() {
  LC_ALL=C awk -F , -v cores="$(nproc)" -v full="$FULL" '
    {since[NR] = $1; cpu[NR] = $2; idle[NR] = $3; stolen[NR] = $4}
    function share(of) {return 100 * (of[i] - of[from]) / (since[i] - since[from]) / cores}
    END {
      from = 1
      for (i = 2; i <= NR; i++) {
        while (since[i] - since[from + 1] >= 5000) from++
        five = since[i] - since[from] >= 5000
        if ((five || (i == NR && from == 1)) && share(cpu) > busiest) busiest = share(cpu)
        if (five && share(stolen) > worst) worst = share(stolen)
        lasted = since[i] - since[i - 1]
        if (100 * (idle[i] - idle[i - 1]) < (100 - full) * lasted * cores) fully += lasted
      }
      printf "%d %d %d\n", busiest, (NR > 1 ? 100 * fully / since[NR] : 0), worst
    }' "$work/generator.csv"
}

# Adds promises that k6 cannot judge: whether it was fast enough, and had the cores that it needed.
judge_generator() {
  local busiest full
  read -r busiest full stolen < <(generator_load)
  promise generator "CPU of k6, of all cores, in its busiest 5 s" "< $BUSY %" "$busiest %" $((busiest < BUSY ? 0 : 1))
  # In shutdown, drain keeps the cores busy on purpose.
  [ "$test" = shutdown ] \
    || promise generator "time with all cores busy" "< $FULL_TIME %" "$full %" $((full < FULL_TIME ? 0 : 1)) warning
  promise generator "time stolen by the host, in its worst 5 s" "< $STOLEN %" "$stolen %" $((stolen < STOLEN ? 0 : 1)) warning
}

# Whether the stolen processors may explain all broken promises. They do not explain a lost request, one left behind, or growth.
may_be_the_hosts() {
  [ "$stolen" -ge "$STOLEN" ] && ! grep $'\tBROKEN$' "$work/promises.tsv" \
    | grep -qE $'^(drain|instances)\t|\trequests in flight afterwards\t| against the third before\t'
}
