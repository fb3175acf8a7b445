# shellcheck shell=bash
# Shared by loadtest/rolling-restart and loadtest/run: two instances of the service behind a HAProxy that sends nothing twice.
# To be sourced after service.sh, which sets the other variables.
# shellcheck disable=SC2034,SC2154

readonly instances=(a b)

# The instance goes on serving until HAProxy has noticed that it is not ready. With fall 1 that is the first failed check: at
# most inter (0.5 s) after SIGTERM, plus its response time. The rest is for a busy machine. So is "timeout check": a slow
# response must not take an instance out while the other one is replaced.
stay_long_enough() {
  local lame_duck=${MUSTER_SHUTDOWN_LAME_DUCK-PT3S}
  unset MUSTER_SHUTDOWN_LAME_DUCK
  [ -z "$lame_duck" ] || export MUSTER_SHUTDOWN_LAME_DUCK=$lame_duck
}

configure() {
  local instance
  cat <<END
global
  stats socket ipv4@127.0.0.1:${port[stats]} level user
defaults
  mode http
  timeout connect 1s
  timeout check 5s
  timeout client 30s
  timeout server 30s
  retries 0
  no option redispatch
frontend clients
  bind 127.0.0.1:${port[haproxy]}
  default_backend instances
backend instances
  balance roundrobin
  option httpchk
  http-check send meth GET uri /health/ready ver HTTP/1.1 hdr Host localhost
  default-server check inter 500ms fall 1 rise 1
END
  for instance in "${instances[@]}"; do
    echo "  server $instance 127.0.0.1:${port[$instance]} port ${port[$instance-admin]}"
  done
}

# HAProxy's counters, as CSV.
statistics() {
  {
    echo "show stat" >&3
    cat <&3
  } 3<>"/dev/tcp/127.0.0.1/${port[stats]}"
}

# Waits until HAProxy says that instance $1 is $2.
await_state() {
  local deadline=$((SECONDS + 30))
  until statistics | grep -q "^instances,$1,.*,$2,"; do
    is_running haproxy || {
      show haproxy
      fail 1 "HAProxy has ended"
    }
    [ $SECONDS -lt $deadline ] || fail 1 "HAProxy does not find that $1 is $2"
    sleep 0.05
  done
}

start_haproxy() {
  choose_port haproxy
  choose_port stats
  configure >"$work/haproxy.cfg"
  start haproxy haproxy -db -f "$work/haproxy.cfg"
  await haproxy "http://127.0.0.1:${port[haproxy]}/profiles/ada"
}

# HAProxy does not notice an instance that stops and starts between two checks, hence the wait for DOWN.
replace() {
  stop_one "$1"
  await_state "$1" DOWN
  start_instance "$1"
  await_state "$1" UP
}

# Starts the backends, both instances and HAProxy.
start_behind_haproxy() {
  local instance
  # Debian installs it there, which is not on every user's PATH.
  PATH=$PATH:/usr/sbin
  needs haproxy "install it, on Debian from the package haproxy"
  stay_long_enough
  start_backends
  for instance in "${instances[@]}"; do
    start_instance "$instance"
  done
  start_haproxy
}
