package main

import "testing"

func TestHostTimeLeavesOutTheGuests(t *testing.T) {
	got, err := hostTimeOf("cpu  10 20 30 40 50 60 70 80 90 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n")
	if err != nil || got != (hostTime{all: 360, stolen: 80}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestHostTimeRefusesWhatIsNone(t *testing.T) {
	for _, stat := range []string{"", "cpu 1 2 3", "cpu0 1 2 3 4 5 6 7 8 9", "cpu 1 2 3 4 5 6 7 x 9"} {
		if got, err := hostTimeOf(stat); err == nil {
			t.Errorf("%q: %v", stat, got)
		}
	}
}
