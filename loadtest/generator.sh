# shellcheck shell=bash
# The load generator of loadtest/run: k6, what k6 and the service take while it runs, and whether its figures are its own.
# To be sourced after service.sh, pairs.sh and report.sh; load calls meanwhile each second, with the seconds since its begin.
# shellcheck disable=SC2154

readonly BUILT=loadtest/k6/target/k6
# Of all cores' time. Above, answers wait for k6, and the figures are k6's own.
readonly BUSY=80 # percent
# Above, all cores are busy.
readonly FULL=95 # percent
# For so long the machine may be full without a word.
readonly FULL_TIME=10 # percent
# Of all cores' time, for other machines on the same host. Above, nothing that has to do with time says something about the
# service: requests stand still for whole seconds.
readonly STOLEN=20 # percent

# Sets k6 to one that can be run.
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

# A line of what the process $1 takes now: CPU in milliseconds, resident memory in kB, threads, sockets.
process_line() {
  local cpu
  cpu=$(cpu_us "${pid[$1]}") || return
  printf '%d,%s,%d' $((cpu / 1000)) \
    "$(awk '/^VmRSS/ {rss = $2} /^Threads/ {threads = $2} END {printf "%d,%d", rss, threads}' "/proc/${pid[$1]}/status")" \
    "$(find "/proc/${pid[$1]}/fd" -lname 'socket:*' 2>/dev/null | wc -l)"
}

# How long all cores together have had nothing to do, and how long another machine had them, in milliseconds.
not_ours_ms() {
  local fields tick
  tick=$(getconf CLK_TCK)
  read -r -a fields </proc/stat
  echo $(((fields[4] + fields[5]) * 1000 / tick)),$((fields[8] * 1000 / tick))
}

# Samples once a second until k6 has ended, in the background. A line in $work/generator.csv: milliseconds since $1, of CPU
# that k6 has taken, that nobody took, and that was stolen.
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

# From when k6 begins to send until it has ended: it is busy before, with its own beginning.
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

# Three numbers, in percent: what k6 took of all cores' time in its busiest five seconds, or in all where there were no five;
# for how much of the time all cores were busy; and what was stolen of all cores' time in its worst five seconds: in less it
# says nothing.
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

# Adds what k6 cannot know of itself: whether it was fast enough to be believed, and had the cores that it wanted.
judge_generator() {
  local busiest full
  read -r busiest full stolen < <(generator_load)
  promise generator "CPU of k6, of all cores, in its busiest 5 s" "< $BUSY %" "$busiest %" $((busiest < BUSY ? 0 : 1))
  # There, drain keeps them busy on purpose.
  [ "$test" = shutdown ] \
    || promise generator "time with all cores busy" "< $FULL_TIME %" "$full %" $((full < FULL_TIME ? 0 : 1)) warning
  promise generator "time stolen by the host, in its worst 5 s" "< $STOLEN %" "$stolen %" $((stolen < STOLEN ? 0 : 1)) warning
}

# Whether all that was broken may be so because the host took the processors. A request that is lost, or left behind, and
# what grows has to do with no pause.
may_be_the_hosts() {
  [ "$stolen" -ge "$STOLEN" ] && ! grep $'\tBROKEN$' "$work/promises.tsv" \
    | grep -qE $'^(drain|instances)\t|\trequests in flight afterwards\t| against the third before\t'
}
