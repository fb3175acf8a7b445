package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// overloaded is the measurement of a service under overload.
type overloaded struct {
	name string
	// saturation and goodput are complete profiles per second, before and during the overload.
	saturation, goodput float64
	// served, refused (503) and late (504) are the service's own counts; broken requests got no response, or another one.
	served, refused, late, broken float64
	// p99 is the client's, of the served requests; 0 if it cannot tell them from the others.
	p99 time.Duration
	// refusedWithin is the bucket bound in the service's own histogram that contains 99 % of its 503.
	refusedWithin time.Duration
	// mostResident is in bytes; collecting is the share of the time that the collector stopped the service.
	mostResident, collecting float64
}

// measureOverload overloads the service, started with its defaults.
func (h *house) measureOverload(ctx context.Context, p plan, found *findings) error {
	s, err := h.startSide(ctx, muster, usual)
	if s != nil {
		defer s.stop()
	}
	if err != nil {
		return err
	}
	say("overload: warming up")
	if err := h.warmUp(ctx, s, p); err != nil {
		return err
	}
	say("overload: 8000 connections")
	usually, err := h.closed(ctx, s, over32.id(), 64, 2*p.lasts)
	if err != nil {
		return err
	}
	crowd := &overloaded{name: "8000 connections, as fast as they can; backends that answer at once", saturation: usually.rate}
	err = s.watch(ctx, crowd, func() error {
		t, err := h.closed(ctx, s, over32.id(), 8000, 4*p.lasts)
		crowd.broken = t.failed - t.statuses
		return err
	})
	if err != nil {
		return err
	}
	found.overloads = append(found.overloads, crowd)

	// A backend's 256 connections can carry this, and the machine has some capacity left for the load.
	slow := "all-d100_" + over32.id()
	usually, err = h.closed(ctx, s, slow, 256, 2*p.lasts)
	if err != nil {
		return err
	}
	say("overload: 3 times saturation, %.0f/s", 3*usually.rate)
	burst := &overloaded{name: fmt.Sprintf("%.0f/s, 3 times saturation; backends that take 100 ms", 3*usually.rate), saturation: usually.rate}
	err = s.watch(ctx, burst, func() error { return h.flood(ctx, s, slow, int(3*usually.rate), 4*p.lasts, burst) })
	if err != nil {
		return err
	}
	found.overloads = append(found.overloads, burst)
	return nil
}

// watch runs the overload and records the service's own metrics.
func (s *service) watch(ctx context.Context, o *overloaded, overload func() error) error {
	before, err := s.scrape()
	if err != nil {
		return err
	}
	watched, stop := context.WithCancel(ctx)
	most := make(chan float64)
	go func() { most <- s.mostResident(watched) }()
	begun := time.Now()
	err = overload()
	lasted := time.Since(begun)
	stop()
	o.mostResident = <-most
	if err != nil {
		return err
	}
	after, err := s.scrape()
	if err != nil {
		return err
	}
	answers := func(status string) float64 { return after.answers[status] - before.answers[status] }
	o.served, o.refused, o.late = answers("200"), answers("503"), answers("504")
	o.goodput = o.served / lasted.Seconds()
	o.refusedWithin = quantileBound(before, after, 0.99)
	o.collecting = (after.collecting - before.collecting) / lasted.Seconds()
	return nil
}

// flood sends requests at a rate, however long the responses take, and sorts these.
func (h *house) flood(ctx context.Context, s *service, id string, rate int, lasts time.Duration, o *overloaded) error {
	s.forgetLog()
	attacker := vegeta.NewAttacker(vegeta.Workers(64), vegeta.Connections(2000), vegeta.MaxConnections(2000), vegeta.Timeout(10*time.Second))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: "GET", URL: s.profile(id)})
	var served vegeta.LatencyMetrics
	for result := range attacker.Attack(target, vegeta.Rate{Freq: rate, Per: time.Second}, lasts, s.name) {
		refused := result.Code == http.StatusServiceUnavailable && result.Headers.Get("Retry-After") != ""
		if result.Code == http.StatusOK {
			served.Add(result.Latency)
		} else if !refused && result.Code != http.StatusGatewayTimeout {
			o.broken++
		}
	}
	o.p99 = served.Quantile(0.99)
	return ctx.Err()
}

// scraped is the needed part of a scrape of the service's metrics.
type scraped struct {
	// refused counts 503 responses by their latency bound in seconds.
	refused map[float64]float64
	// answers counts responses by status.
	answers map[string]float64
	// collecting is the run time of the collector in seconds.
	collecting float64
}

func (s *service) scrape() (scraped, error) {
	text, err := body(s.admin + "/metrics")
	if err != nil {
		return scraped{}, err
	}
	return readMetrics(string(text))
}

// readMetrics reads Prometheus' text format.
func readMetrics(text string) (scraped, error) {
	read := scraped{refused: map[float64]float64{}, answers: map[string]float64{}}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		end := strings.LastIndexByte(line, ' ')
		if end < 0 || line[0] == '#' {
			continue
		}
		value, err := strconv.ParseFloat(line[end+1:], 64)
		if err != nil {
			return scraped{}, fmt.Errorf("no line of metrics: %q", line)
		}
		switch {
		case strings.HasPrefix(line, "http_server_request_duration_seconds_bucket") && strings.Contains(line, `status_code="503"`):
			bound, err := strconv.ParseFloat(label(line, "le"), 64)
			if err != nil {
				return scraped{}, fmt.Errorf("no bucket: %q", line)
			}
			read.refused[bound] += value
		case strings.HasPrefix(line, "http_server_request_duration_seconds_count"):
			read.answers[label(line, "http_response_status_code")] += value
		case strings.HasPrefix(line, "jvm_gc_collection_seconds_sum"):
			read.collecting += value
		}
	}
	return read, lines.Err()
}

// label is the value of one of a series' labels.
func label(line, name string) string {
	_, rest, _ := strings.Cut(line, name+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// quantileBound is the smallest bound that covers the given share of the 503 between two scrapes; 0 if there were none.
func quantileBound(before, after scraped, share float64) time.Duration {
	least := math.Inf(1)
	all := after.refused[math.Inf(1)] - before.refused[math.Inf(1)]
	if all == 0 {
		return 0
	}
	for bound, count := range after.refused {
		if count-before.refused[bound] >= share*all {
			least = min(least, bound)
		}
	}
	if math.IsInf(least, 1) {
		return math.MaxInt64
	}
	return time.Duration(least * float64(time.Second))
}
