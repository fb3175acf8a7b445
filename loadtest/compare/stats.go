package main

import (
	"fmt"
	"math"
	"slices"
)

// minPairs is the number of pairs that the sign test needs for an interval of 95 %.
const minPairs = 6

// median returns the middle of the values; NaN if there are none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// estimate is a median, and the interval that holds the true one with a probability of coverage.
type estimate struct {
	median, low, high, coverage float64
}

// estimateOf uses the sign test: the narrowest interval from the rank-th smallest to the rank-th largest value that contains
// the true median with 95 % or more. It misses if fewer than rank values are on one side of the median. For each of the two
// sides that is as likely as fewer than rank heads in n tosses of a coin. For fewer than minPairs values it is the whole range.
func estimateOf(values []float64) estimate {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return estimate{math.NaN(), math.NaN(), math.NaN(), 0}
	}
	exactly, fewer, rank := math.Pow(0.5, float64(n)), 0.0, 0
	for 1-2*(fewer+exactly) >= 0.95 {
		fewer += exactly
		exactly *= float64(n-rank) / float64(rank+1)
		rank++
	}
	if rank == 0 {
		rank, fewer = 1, math.Pow(0.5, float64(n))
	}
	return estimate{median(sorted), sorted[rank-1], sorted[n-rank], 1 - 2*fewer}
}

// ratios divides pair by pair.
func ratios(values, by []float64) []float64 {
	all := make([]float64, min(len(values), len(by)))
	for i := range all {
		all[i] = values[i] / by[i]
	}
	return all
}

func (e estimate) String() string {
	return fmt.Sprintf("**%.2f** (%.2f to %.2f)", e.median, e.low, e.high)
}

// verdict judges an upper bound: it is missed only if the whole interval is beyond it.
func (e estimate) verdict(bound float64) string {
	switch {
	case e.median <= bound:
		return "met"
	case e.low <= bound:
		return "open: the interval contains it"
	default:
		return "missed"
	}
}
