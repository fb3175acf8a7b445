# shellcheck shell=bash
# The reports of loadtest/run: promises and measurements, for people and for machines. To be sourced after service.sh. A line
# in $work/promises.tsv is a promise: scenario, what, promised, measured, and kept, BROKEN or warning.
# shellcheck disable=SC2154

# Adds a promise to those of k6: scenario, what, promised, measured, 0 if it was kept, and the verdict if not. That is BROKEN
# by default; a warning breaks nothing.
promise() {
  printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$([ "$5" = 0 ] && echo kept || echo "${6-BROKEN}")" \
    >>"$work/promises.tsv"
}

is_kept() { ! grep -q $'\tBROKEN$' "$work/promises.tsv"; }

table() {
  {
    printf 'scenario\twhat\tpromised\tmeasured\t\n'
    cat "$work/promises.tsv"
  } | column -t -s $'\t'
  [ "$(wc -l <"$work/service.csv")" -lt 2 ] || LC_ALL=C awk -F , '
    NR == 2 {first = $2; begun = $1}
    NR > 1 {last = $2; ended = $1; if ($3 > rss) rss = $3; if ($4 > threads) threads = $4; if ($5 > sockets) sockets = $5}
    END {
      printf "service: %.2f cores, at most %.0f MB resident, %d threads, %d sockets\n",
        (ended == begun ? 0 : (last - first) / 1000 / (ended - begun)), rss / 1000, threads, sockets
    }' "$work/service.csv"
}

# $work/promises.tsv as JUnit's XML: a test case for each promise.
junit() {
  LC_ALL=C awk -F '\t' -v suite="loadtest $test" '
    function escaped(text) {
      gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text); gsub(/"/, "\\&quot;", text)
      return text
    }
    {
      name = escaped($2 " " $3)
      if ($5 == "kept") body = ""
      else if ($5 == "warning") body = sprintf("<system-out>warning: measured %s</system-out>", escaped($4))
      else body = sprintf("<failure message=\"%s\"/>", escaped("measured: " $4))
      failures += $5 == "BROKEN"
      cases = cases sprintf("  <testcase classname=\"%s.%s\" name=\"%s\">%s</testcase>\n", suite, escaped($1), name, body)
    }
    END {
      print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
      printf "<testsuite name=\"%s\" tests=\"%d\" failures=\"%d\">\n%s</testsuite>\n", suite, NR, failures, cases
    }' "$work/promises.tsv"
}

# Escapes $1 for a JSON string, without the quotes.
json_escape() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  printf '%s' "${text//$'\t'/\\t}"
}

# Everything as JSON: the promises, and k6's own figures unchanged.
summary() {
  printf '{"test":"%s","target":"%s","kept":%s,"promises":[' "$test" "$(json_escape "$target")" \
    "$(is_kept && echo true || echo false)"
  LC_ALL=C awk -F '\t' '
    {
      for (i = 1; i <= 5; i++) gsub(/["\\]/, "\\\\&", $i)
      printf "%s\n{\"scenario\":\"%s\",\"what\":\"%s\",\"promised\":\"%s\",\"measured\":\"%s\",\"result\":\"%s\"}",
        (NR > 1 ? "," : ""), $1, $2, $3, $4, tolower($5)
    }' "$work/promises.tsv"
  printf '],\n"k6":'
  cat "$work/k6.json"
  printf '}\n'
}

report() {
  local reports=loadtest/reports/$test file
  rm -rf "$reports"
  mkdir -p "$reports"
  junit >"$reports/junit.xml"
  summary >"$reports/summary.json"
  cat "$work/k6.log" "$work/k6.errors" >"$reports/k6.log"
  table | tee "$reports/table.txt"
  for file in report.html service.csv; do
    [ ! -e "$work/$file" ] || mv "$work/$file" "$reports/"
  done
  [ "$(wc -l <"$reports/service.csv")" -gt 1 ] || rm "$reports/service.csv"
  echo "reports: $reports/"
}
