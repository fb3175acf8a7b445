# shellcheck shell=bash
# Shared by loadtest/ratio and loadtest/bulk: CPU times of a process, and the statistics of pairs measured in turns. To be
# sourced. $work/pairs has a line for every pair: both values, and the second divided by the first.

# shellcheck disable=SC2034 # used by the sourcing scripts
readonly MIN_PAIRS=6 # with fewer, the sign test's interval does not reach 95 %

# User and system time of a process, in microseconds: fields 14 and 15 of its stat, in clock ticks.
cpu_us() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return
  # The second field is the command in brackets, which may hold blanks.
  read -r -a fields <<<"${stat##*) }"
  echo $(((fields[11] + fields[12]) * 1000000 / $(getconf CLK_TCK)))
}

# Column $1 of the pairs, ascending.
# shellcheck disable=SC2154 # set by the sourcing scripts
sorted() { cut -d ' ' -f "$1" "$work/pairs" | LC_ALL=C sort -n; }

median() {
  sorted "$1" | LC_ALL=C awk -v format="$2" '
    {value[NR] = $1}
    END {printf format, (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2}'
}

# The narrowest interval from the rank-th smallest to the rank-th largest ratio that contains the true median with 95 % or
# more. It misses if fewer than rank of the ratios are on one side of the median. For each of the two sides that is as likely
# as fewer than rank heads in n tosses of a coin.
interval() {
  sorted 3 | LC_ALL=C awk '
    {value[NR] = $1}
    END {
      exactly = 0.5 ^ NR
      fewer = 0
      for (rank = 0; 1 - 2 * (fewer + exactly) >= 0.95; rank++) {
        fewer += exactly
        exactly *= (NR - rank) / (rank + 1)
      }
      printf "%.4f to %.4f: ranks %d and %d of %d, coverage %.1f %%\n",
        value[rank], value[NR + 1 - rank], rank, NR + 1 - rank, NR, 100 * (1 - 2 * fewer)
    }'
}
