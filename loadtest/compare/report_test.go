package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// measured is Muster at a quarter of Go's cost, and Lura at twice Go's cost.
func measured() *findings {
	f := &findings{plan: plan{pairs: 6, lasts: time.Second, shapes: []shape{over32, over128}, inFlight: 4000}, begun: time.Unix(0, 0),
		stolen: 0.025, again: 3}
	for round := range 6 {
		for i, name := range sides {
			factor := time.Duration([]int{1, 4, 8}[i])
			for _, of := range f.plan.shapes {
				f.addTurn(of, name, turn{requests: 1000, rate: 1000 / float64(factor),
					cpu: factor * time.Duration(100+round) * time.Microsecond, p99: factor * time.Millisecond})
			}
			f.addStart(name, factor*100*time.Millisecond, 1e8)
			f.addLoaded(name, 2e8)
			f.addInFlight(name, flight{turn: turn{requests: 4000, failed: float64(i)}, each: float64(factor) * 1e4})
		}
		f.addStart(musterUncached, 400*time.Millisecond, 1e8)
	}
	f.overloads = []*overloaded{
		{name: "a crowd", saturation: 1000, goodput: 899, served: 8990, refused: 70, late: 6, broken: 5,
			refusedWithin: 25 * time.Millisecond, mostResident: 3e8, collecting: 0.125},
		{name: "a burst", saturation: 100, goodput: 90, refusedWithin: 5 * time.Millisecond, p99: 970 * time.Millisecond},
	}
	return f
}

func TestTableHasVerdicts(t *testing.T) {
	text := table(measured(), "Here")
	for _, want := range []string{
		"The host took 2.5 % of the processors' time meanwhile; 3 rounds in which it took more than 10 % were run again.",
		"| CPU per profile, 32 connections, 10 posts and friends: at most 0.40 of Go net/http + errgroup | **0.25** (0.25 to 0.25) | met |",
		"| CPU per profile, 128 connections, 10 posts and friends: at most 0.27 of Lura 2.14.1 | **0.12** (0.12 to 0.12) | met |",
		"| p99, 128 connections: at most 0.50 of Go net/http + errgroup | **0.25** (0.25 to 0.25) | met |",
		"| start to the first profile: at most 0.60 of that without AOT cache | **0.25** (0.25 to 0.25) | met |",
		"| resident after the load over 128 connections: at most 160 MB | 200 MB | missed |",
		"| 4000 requests in flight: no failure | 0 failed | met |",
		"| memory for each of them: at most 0.80 of Go net/http + errgroup | 0.25 | met |",
		"| a crowd: at least 0.90 of the profiles at saturation | **0.90** | missed |",
		"| refused there, 99 % by the service's own histogram: within 20 ms | 25ms | missed |",
		"| a burst: at least 0.90 of the profiles at saturation | **0.90** | met |",
		"| refused there, 99 % by the service's own histogram: within 20 ms | 5ms | met |",
		"| a crowd | 1000/s | 899/s |  | 70 | 6 | 5 | 300 MB | 12.5 % of the time |",
		"| a burst | 100/s | 90/s | 970 ms | 0 | 0 | 0 | 0 MB | 0.0 % of the time |",
		"| 32 connections, 10 posts and friends (0.0 kB): Muster | 102.5 µs (100.0 to 105.0) |",
		"| Lura 2.14.1 | 800 ms (800 to 800) | 100 MB | 200 MB | 80 kB, 2 of 4000 failed |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestSlowest(t *testing.T) {
	if got := measured().slowest(over128); got != 125 {
		t.Errorf("got %v", got)
	}
}

func TestBetween(t *testing.T) {
	got, err := between("a\n"+opening+"\nold\n"+closing+"\nb\n", "new\n")
	if want := "a\n" + opening + "\nnew\n" + closing + "\nb\n"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := between("a\n"+opening+"\n", "new\n"); err == nil {
		t.Error("no error where there is no end")
	}
}

func TestChartIsXML(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chart.svg")
	if err := chart(measured(), file); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	decoder := xml.NewDecoder(in)
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// Each side has each place equally often, and does not always come behind the same one.
func TestTurnOrder(t *testing.T) {
	places := map[string][3]int{}
	behind := map[string]int{}
	for round := range 6 {
		order := turnOrder(round)
		for place, name := range order {
			count := places[name]
			count[place]++
			places[name] = count
			if place > 0 {
				behind[order[place-1]+" "+name]++
			}
		}
	}
	for _, name := range sides {
		if places[name] != [3]int{2, 2, 2} {
			t.Errorf("%s: %v", name, places[name])
		}
	}
	if len(behind) != 6 {
		t.Errorf("%v", behind)
	}
}

func TestTurnOf(t *testing.T) {
	got, err := turnOf([]byte("Running 1s test\n"+
		`{"requests":1000,"duration":2000000,"failed":3,"p50":100,"p99":2000,"p999":3000}`+"\n"), 50*time.Millisecond)
	want := turn{requests: 1000, failed: 3, rate: 500, cpu: 50 * time.Microsecond,
		p50: 100 * time.Microsecond, p99: 2 * time.Millisecond, p999: 3 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if got.clean("x") == nil {
		t.Error("failed requests are clean")
	}
	if _, err := turnOf([]byte("unable to connect"), 0); err == nil {
		t.Error("no error where there is no result")
	}
}

func TestSettled(t *testing.T) {
	for _, turns := range []struct {
		costs []time.Duration
		want  bool
	}{
		{nil, false},
		{[]time.Duration{100}, false},
		{[]time.Duration{100, 100}, false},
		{[]time.Duration{100, 100, 100}, true},
		{[]time.Duration{100, 90, 95}, true},
		{[]time.Duration{100, 89, 100}, false},
		{[]time.Duration{100, 100, 89}, false},
		{[]time.Duration{300, 100, 60, 58}, false},
		{[]time.Duration{300, 100, 60, 58, 57}, true},
	} {
		if got := settled(turns.costs); got != turns.want {
			t.Errorf("%v: %v", turns.costs, got)
		}
	}
}

func TestCPUOf(t *testing.T) {
	got, err := cpuOf("42 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0")
	if err != nil || got != 2*time.Second {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := cpuOf("nothing"); err == nil {
		t.Error("no error")
	}
}

const metrics = `# HELP http_server_request_duration_seconds Duration of HTTP server requests.
http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",le="0.005"} 7
http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="503",le="0.005"} 90
http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="503",le="0.01"} 99
http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="503",le="+Inf"} 100
http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="503"} 100
http_server_request_duration_seconds_count{http_request_method="HEAD",http_response_status_code="503"} 5
http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200"} 7
jvm_gc_collection_seconds_sum{gc="Copy"} 1.5
jvm_gc_collection_seconds_sum{gc="MarkSweepCompact"} 0.25
`

func TestMetricsOfAScrape(t *testing.T) {
	read, err := readMetrics(metrics)
	if err != nil {
		t.Fatal(err)
	}
	if read.answers["503"] != 105 || read.answers["200"] != 7 || read.collecting != 1.75 {
		t.Errorf("read %+v", read)
	}
	none := scraped{refused: map[float64]float64{}}
	for share, want := range map[float64]time.Duration{0.9: 5 * time.Millisecond, 0.99: 10 * time.Millisecond, 1: math.MaxInt64} {
		if is := quantileBound(none, read, share); is != want {
			t.Errorf("%v of the 503 within %v, not %v", share, is, want)
		}
	}
	if is := quantileBound(read, read, 0.99); is != 0 {
		t.Errorf("nothing was refused, and that within %v", is)
	}
	if _, err := readMetrics("jvm_gc_collection_seconds_sum{} many\n"); err == nil {
		t.Error("a value that is no number was read")
	}
}
