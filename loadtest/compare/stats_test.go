package main

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{3, 1}, 2},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 2, 9}, 3},
	} {
		if got := median(test.values); got != test.want {
			t.Errorf("median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
	if got := median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing = %v, want NaN", got)
	}
}

// The ranks and coverages are from tables of the sign test.
func TestEstimate(t *testing.T) {
	for _, test := range []struct {
		n         int
		low, high float64
		coverage  float64
	}{
		{1, 1, 1, 0},
		{5, 1, 5, 0.9375},
		{6, 1, 6, 0.96875},
		{10, 2, 9, 0.978515625},
		{20, 6, 15, 0.9586},
	} {
		values := make([]float64, test.n)
		for i := range values {
			values[i] = float64(test.n - i)
		}
		got := estimateOf(values)
		if got.low != test.low || got.high != test.high || math.Abs(got.coverage-test.coverage) > 1e-4 {
			t.Errorf("estimateOf(1 to %d) = %+v, want %+v", test.n, got, test)
		}
		if want := float64(test.n+1) / 2; got.median != want {
			t.Errorf("median of 1 to %d = %v, want %v", test.n, got.median, want)
		}
	}
}

func TestRatios(t *testing.T) {
	got := ratios([]float64{1, 6}, []float64{2, 3})
	if len(got) != 2 || got[0] != 0.5 || got[1] != 2 {
		t.Errorf("got %v", got)
	}
}

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		estimate estimate
		want     string
	}{
		{estimate{median: 0.4, low: 0.3, high: 0.5}, "met"},
		{estimate{median: 0.45, low: 0.4, high: 0.5}, "open: the interval contains it"},
		{estimate{median: 0.45, low: 0.41, high: 0.5}, "missed"},
	} {
		if got := test.estimate.verdict(0.4); got != test.want {
			t.Errorf("%+v: %s, want %s", test.estimate, got, test.want)
		}
	}
}
