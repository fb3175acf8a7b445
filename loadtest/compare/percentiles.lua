-- Makes wrk print its measurements as JSON, times in microseconds.
function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"duration":%d,"failed":%d,"statuses":%d,"p50":%d,"p99":%d,"p999":%d}\n',
    summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    summary.errors.status,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
