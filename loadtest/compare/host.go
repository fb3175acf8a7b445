package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// tooMuchStolen is the stolen share of the processors' time that makes a round say more about the host than the services.
const tooMuchStolen = 0.1

// hostTime is the time of all processors together, and the part of it that the host of this virtual machine gave to others;
// in clock ticks.
type hostTime struct{ all, stolen int64 }

func hostTimeNow() (hostTime, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return hostTime{}, err
	}
	return hostTimeOf(string(stat))
}

// hostTimeOf reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal, and the guests' time,
// which user time includes.
func hostTimeOf(stat string) (hostTime, error) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return hostTime{}, fmt.Errorf("no line of /proc/stat: %q", line)
	}
	var t hostTime
	for i, field := range fields[1:9] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return hostTime{}, err
		}
		t.all += n
		if i == 7 {
			t.stolen = n
		}
	}
	return t, nil
}

// stolenSince is the stolen share of all time since then.
func stolenSince(begin hostTime) (float64, error) {
	now, err := hostTimeNow()
	if err != nil || now.all == begin.all {
		return 0, err
	}
	return float64(now.stolen-begin.stolen) / float64(now.all-begin.all), nil
}
