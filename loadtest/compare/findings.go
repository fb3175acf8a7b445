package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// musterUncached is Muster as in its first start.
const musterUncached = "Muster, without its AOT cache"

// flight is the cost of many requests in flight.
type flight struct {
	turn
	// each is the extra resident memory per request, in bytes.
	each float64
}

// findings has all measurements, by the names of the sides.
type findings struct {
	plan      plan
	begun     time.Time
	stolen    float64 // share of the processors' time that the host gave to others
	again     int     // rounds repeated because of that
	turns     map[shape]map[string][]turn
	sizes     map[shape]int        // bytes of a profile
	starts    map[string][]float64 // milliseconds
	idle      map[string][]float64 // bytes
	loaded    map[string]float64   // bytes
	openRate  int
	opens     map[string][]turn
	flights   map[string]flight
	overloads []*overloaded
}

func (f *findings) addTurn(of shape, name string, t turn) {
	if f.turns == nil {
		f.turns = map[shape]map[string][]turn{}
	}
	if f.turns[of] == nil {
		f.turns[of] = map[string][]turn{}
	}
	f.turns[of][name] = append(f.turns[of][name], t)
}

func (f *findings) addSize(of shape, bytes int) {
	if f.sizes == nil {
		f.sizes = map[shape]int{}
	}
	f.sizes[of] = bytes
}

func (f *findings) addStart(name string, first time.Duration, memory float64) {
	if f.starts == nil {
		f.starts, f.idle = map[string][]float64{}, map[string][]float64{}
	}
	f.starts[name] = append(f.starts[name], float64(first)/float64(time.Millisecond))
	f.idle[name] = append(f.idle[name], memory)
}

func (f *findings) addLoaded(name string, memory float64) {
	if f.loaded == nil {
		f.loaded = map[string]float64{}
	}
	f.loaded[name] = memory
}

func (f *findings) addOpen(name string, t turn) {
	if f.opens == nil {
		f.opens = map[string][]turn{}
	}
	f.opens[name] = append(f.opens[name], t)
}

func (f *findings) addInFlight(name string, of flight) {
	if f.flights == nil {
		f.flights = map[string]flight{}
	}
	f.flights[name] = of
}

// Values of turns, in microseconds except the rate.
func cpuOfTurn(t turn) float64  { return float64(t.cpu) / 1e3 }
func p50OfTurn(t turn) float64  { return float64(t.p50) / 1e3 }
func p99OfTurn(t turn) float64  { return float64(t.p99) / 1e3 }
func p999OfTurn(t turn) float64 { return float64(t.p999) / 1e3 }
func rateOfTurn(t turn) float64 { return t.rate }

// each is one value of every turn.
func each(turns []turn, value func(turn) float64) []float64 {
	all := make([]float64, len(turns))
	for i, t := range turns {
		all[i] = value(t)
	}
	return all
}

// ratio divides a value of Muster's turns by another side's, round by round.
func (f *findings) ratio(of shape, to string, value func(turn) float64) estimate {
	turns := f.turns[of]
	return estimateOf(ratios(each(turns[muster], value), each(turns[to], value)))
}

// cpuAgainst divides Muster's CPU time per request under one shape of load by that under another, round by round.
func (f *findings) cpuAgainst(of, other shape) estimate {
	return estimateOf(ratios(each(f.turns[of][muster], cpuOfTurn), each(f.turns[other][muster], cpuOfTurn)))
}

// slowest is the throughput of the slowest side.
func (f *findings) slowest(of shape) float64 {
	slowest := math.Inf(1)
	for _, turns := range f.turns[of] {
		slowest = min(slowest, median(each(turns, rateOfTurn)))
	}
	return slowest
}

// lastRound is a line on progress.
func (f *findings) lastRound(of shape) string {
	var all []string
	for _, name := range sides {
		turns := f.turns[of][name]
		last := turns[len(turns)-1]
		all = append(all, fmt.Sprintf("%s %.1f µs, p99 %.1f ms", name, cpuOfTurn(last), p99OfTurn(last)/1e3))
	}
	return strings.Join(all, "; ")
}
