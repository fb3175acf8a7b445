package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

//go:embed percentiles.lua
var percentiles []byte

// turn is the measurement of one load of a side.
type turn struct {
	// requests are those with a response, failed those of them without 2xx.
	requests, failed float64
	// statuses counts the failed requests that got a response.
	statuses float64
	// rate is responses per second.
	rate float64
	// cpu is the process's CPU time per request.
	cpu time.Duration
	// Latencies as the client saw them.
	p50, p99, p999 time.Duration
}

// clean fails if more than one request in a thousand did not get 2xx: a failure has another cost.
func (t turn) clean(name string) error {
	if t.failed > t.requests/1000 || t.requests == 0 {
		return fmt.Errorf("%s: %.0f of %.0f requests failed", name, t.failed, t.requests)
	}
	return nil
}

// closed loads a service by wrk, over connections that send the next request right after each response.
func (h *house) closed(ctx context.Context, s *service, id string, connections int, lasts time.Duration) (turn, error) {
	script := filepath.Join(h.work, "percentiles.lua")
	if err := os.WriteFile(script, percentiles, 0o600); err != nil {
		return turn{}, err
	}
	s.forgetLog()
	before, err := s.cpu()
	if err != nil {
		return turn{}, err
	}
	wrk := exec.CommandContext(ctx, "wrk", "-t", "2", "-c", strconv.Itoa(connections), "-d", fmt.Sprintf("%.0fs", lasts.Seconds()),
		"--timeout", "10s", "-s", script, s.profile(id))
	wrk.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := wrk.CombinedOutput()
	if err != nil {
		return turn{}, fmt.Errorf("wrk: %w\n%s", err, out)
	}
	after, err := s.cpu()
	if err != nil {
		return turn{}, err
	}
	return turnOf(out, after-before)
}

// mostWarming is the number of turns after which a service counts as warm, whatever its requests cost.
const mostWarming = 10

// warmUp loads a service until its requests get no cheaper: the compilers' time depends on the machine.
func (h *house) warmUp(ctx context.Context, s *service, p plan) error {
	var costs []time.Duration
	for lasts := p.warm; len(costs) <= mostWarming && !settled(costs); lasts = p.lasts {
		t, err := h.closed(ctx, s, over32.id(), 32, lasts)
		if err != nil {
			return err
		}
		costs = append(costs, t.cpu)
	}
	return nil
}

// settled reports whether neither of the last two turns was cheaper by a tenth than the cheapest before.
func settled(costs []time.Duration) bool {
	last := len(costs) - 2
	return last > 0 && 10*slices.Min(costs[last:]) >= 9*slices.Min(costs[:last])
}

// turnOf reads the last line of wrk's output.
func turnOf(out []byte, cpu time.Duration) (turn, error) {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var m struct{ Requests, Duration, Failed, Statuses, P50, P99, P999 float64 }
	if err := json.Unmarshal(lines[len(lines)-1], &m); err != nil {
		return turn{}, fmt.Errorf("wrk printed no result: %w\n%s", err, out)
	}
	micros := func(n float64) time.Duration { return time.Duration(n) * time.Microsecond }
	return turn{
		requests: m.Requests, failed: m.Failed, statuses: m.Statuses,
		rate: m.Requests / (m.Duration / 1e6),
		cpu:  time.Duration(float64(cpu) / max(1, m.Requests)),
		p50:  micros(m.P50), p99: micros(m.P99), p999: micros(m.P999),
	}, nil
}

// open loads a service by vegeta at a rate, however long its responses take.
func (h *house) open(ctx context.Context, s *service, id string, rate int, lasts time.Duration) (turn, error) {
	s.forgetLog()
	before, err := s.cpu()
	if err != nil {
		return turn{}, err
	}
	attacker := vegeta.NewAttacker(vegeta.Workers(64), vegeta.Connections(4096), vegeta.Timeout(10*time.Second))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: s.profile(id)})
	var metrics vegeta.Metrics
	for result := range attacker.Attack(target, vegeta.Rate{Freq: rate, Per: time.Second}, lasts, s.name) {
		metrics.Add(result)
	}
	metrics.Close()
	if ctx.Err() != nil {
		return turn{}, ctx.Err()
	}
	after, err := s.cpu()
	if err != nil {
		return turn{}, err
	}
	requests := float64(metrics.Requests)
	return turn{
		requests: requests, failed: requests - metrics.Success*requests, rate: metrics.Rate,
		cpu: time.Duration(float64(after-before) / max(1, requests)),
		p50: metrics.Latencies.P50, p99: metrics.Latencies.P99, p999: metrics.Latencies.Quantile(0.999),
	}, nil
}
