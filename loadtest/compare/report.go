package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The result is between these two lines of the docs.
const (
	opening = "<!-- loadtest/compare begins -->"
	closing = "<!-- loadtest/compare ends -->"
)

// report writes the table and the chart, and prints the table.
func report(root string, f *findings, toDocs bool) error {
	text := table(f, machine(root))
	fmt.Print(text)
	reports := filepath.Join(root, "loadtest", "reports", "compare")
	if err := os.MkdirAll(reports, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(reports, "compare.md"), []byte(text), 0o644); err != nil {
		return err
	}
	if err := chart(f, filepath.Join(reports, "compare.svg")); err != nil {
		return err
	}
	say("reports: loadtest/reports/compare/")
	if !toDocs {
		return nil
	}
	docs := filepath.Join(root, "docs", "performance.md")
	page, err := os.ReadFile(docs)
	if err != nil {
		return err
	}
	replaced, err := between(string(page), text)
	if err != nil {
		return err
	}
	if err := os.WriteFile(docs, []byte(replaced), 0o644); err != nil {
		return err
	}
	return chart(f, filepath.Join(root, "docs", "images", "compare.svg"))
}

// between replaces the result of an earlier run by text.
func between(page, text string) (string, error) {
	before, rest, begins := strings.Cut(page, opening)
	_, after, ends := strings.Cut(rest, closing)
	if !begins || !ends {
		return "", fmt.Errorf("docs/performance.md has no lines %s and %s", opening, closing)
	}
	return before + opening + "\n" + text + closing + after, nil
}

// table is the result in Markdown.
func table(f *findings, where string) string {
	var out strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&out, format+"\n", values...) }
	line("%s. On %s. %d rounds of %v for each side, %d for loads of another size; ratios are medians of rounds, with the "+
		"interval of the sign test (at least 95 %%).", where, f.begun.UTC().Format(time.DateOnly), f.plan.pairs, f.plan.lasts, minPairs)
	line("The host took %.1f %% of the processors' time meanwhile; %d rounds in which it took more than %.0f %% were run again.",
		100*f.stolen, f.again, 100*tooMuchStolen)
	line("")
	line("| target | ratio | |")
	line("|---|---|---|")
	for _, of := range []shape{over32, over128, small, large} {
		if f.turns[of] != nil {
			for _, bound := range []struct {
				to string
				at float64
			}{{golang, 0.40}, {lura, 0.27}} {
				is := f.ratio(of, bound.to, cpuOfTurn)
				line("| CPU per profile, %v: at most %.2f of %s | %v | %s |", of, bound.at, bound.to, is, is.verdict(bound.at))
			}
		}
	}
	if f.turns[over128] != nil {
		is := f.ratio(over128, golang, p99OfTurn)
		line("| p99, 128 connections: at most 0.50 of %s | %v | %s |", golang, is, is.verdict(0.5))
	}
	if f.turns[over1000] != nil {
		is := f.cpuAgainst(over1000, over32)
		line("| CPU per profile, 1000 connections: at most 1.15 of that over 32 | %v | %s |", is, is.verdict(1.15))
	}
	is := estimateOf(ratios(f.starts[muster], f.starts[musterUncached]))
	line("| start to the first profile: at most 0.60 of that without AOT cache | %v | %s |", is, is.verdict(0.6))
	if memory, ok := f.loaded[muster]; ok {
		line("| resident after the load over 128 connections: at most 160 MB | %.0f MB | %s |", memory/1e6, verdictOf(memory, 160e6))
	}
	if mine, ok := f.flights[muster]; ok {
		share := mine.each / f.flights[golang].each
		line("| %d requests in flight: no failure | %.0f failed | %s |", f.plan.inFlight, mine.failed, verdictOf(mine.failed, 0))
		line("| memory for each of them: at most 0.80 of %s | %.2f | %s |", golang, share, verdictOf(share, 0.8))
	}
	for _, o := range f.overloads {
		share := o.goodput / o.saturation
		line("| %s: at least 0.90 of the profiles at saturation | **%.2f** | %s |", o.name, share, verdictOf(-share, -0.9))
		line("| refused there, 99 %% by the service's own histogram: within 20 ms | %s | %s |", within(o.refusedWithin),
			verdictOf(float64(o.refusedWithin), float64(20*time.Millisecond)))
	}
	line("")
	line("![CPU time per profile, and p99](images/compare.svg)")
	line("")
	line("| closed loop | CPU per profile | p50 | p99 | p99.9 | profiles/s | failed |")
	line("|---|---|---|---|---|---|---|")
	for _, of := range f.plan.shapes {
		for _, name := range sides {
			turns := f.turns[of][name]
			line("| %v (%.1f kB): %s | %s | %s | %s | %s | %s | %.0f |", of, float64(f.sizes[of])/1e3, name,
				spread(each(turns, cpuOfTurn), "%.1f", " µs"), millis(turns, p50OfTurn), millis(turns, p99OfTurn),
				millis(turns, p999OfTurn), spread(each(turns, rateOfTurn), "%.0f", ""), failures(turns))
		}
	}
	if f.opens != nil {
		line("")
		line("| open loop, %d/s: 70 %% of the least saturation | CPU per profile | p50 | p99 | p99.9 | failed |", f.openRate)
		line("|---|---|---|---|---|---|")
		for _, name := range sides {
			turns := f.opens[name]
			line("| %s | %s | %s | %s | %s | %.0f |", name, spread(each(turns, cpuOfTurn), "%.1f", " µs"),
				millis(turns, p50OfTurn), millis(turns, p99OfTurn), millis(turns, p999OfTurn), failures(turns))
		}
	}
	if f.overloads != nil {
		line("")
		line("| more than the service can | saturation | profiles/s meanwhile | p99 of these | refused (503) | late (504) | broken | resident at the most | stopped by the collector |")
		line("|---|---|---|---|---|---|---|---|---|")
		for _, o := range f.overloads {
			latency := ""
			if o.p99 > 0 {
				latency = fmt.Sprintf("%.0f ms", float64(o.p99)/1e6)
			}
			line("| %s | %.0f/s | %.0f/s | %s | %.0f | %.0f | %.0f | %.0f MB | %.1f %% of the time |", o.name, o.saturation, o.goodput,
				latency, o.refused, o.late, o.broken, o.mostResident/1e6, 100*o.collecting)
		}
	}
	line("")
	line("| | first profile after its start | resident then | resident after the load over %d connections | for each of %d requests in flight |",
		over128.connections, f.plan.inFlight)
	line("|---|---|---|---|---|")
	for _, name := range slices.Concat([]string{musterUncached}, sides) {
		loaded, inFlight := "", ""
		if memory, ok := f.loaded[name]; ok {
			loaded = fmt.Sprintf("%.0f MB", memory/1e6)
		}
		if of, ok := f.flights[name]; ok {
			inFlight = fmt.Sprintf("%.0f kB, %.0f of %.0f failed", of.each/1e3, of.failed, of.requests)
		}
		line("| %s | %s | %.0f MB | %s | %s |", name, spread(f.starts[name], "%.0f", " ms"), median(f.idle[name])/1e6, loaded, inFlight)
	}
	return out.String()
}

func failures(turns []turn) float64 {
	failed := 0.0
	for _, t := range turns {
		failed += t.failed
	}
	return failed
}

// within formats a bucket bound of a histogram.
func within(bound time.Duration) string {
	switch bound {
	case 0:
		return "none"
	case math.MaxInt64:
		return "more than 10 s"
	}
	return fmt.Sprintf("%v", bound)
}

func verdictOf(value, bound float64) string {
	if value <= bound {
		return "met"
	}
	return "missed"
}

// spread is a median with minimum and maximum.
func spread(values []float64, format, unit string) string {
	if len(values) == 0 {
		return ""
	}
	return fmt.Sprintf(format+unit+" ("+format+" to "+format+")", median(values), slices.Min(values), slices.Max(values))
}

// millis is the spread of a latency.
func millis(turns []turn, value func(turn) float64) string {
	all := each(turns, value)
	for i := range all {
		all[i] /= 1e3
	}
	return spread(all, "%.1f", " ms")
}

// machine describes the machine and the tools.
func machine(root string) string {
	model := "unknown CPU"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	var memory float64
	if info, err := os.ReadFile("/proc/meminfo"); err == nil {
		fmt.Sscanf(string(info), "MemTotal: %f", &memory)
	}
	return fmt.Sprintf("Revision %s, %d cores of %s, %.0f GB, Linux %s, %s, %s, %s",
		firstLine(exec.Command("git", "-C", root, "describe", "--always", "--dirty")), runtime.NumCPU(), model, memory/1e6,
		firstLine(exec.Command("uname", "-r")), firstLine(exec.Command(os.Getenv("COMPARE_JAVA"), "--version")),
		runtime.Version(), strings.Join(strings.Fields(firstLine(exec.Command("wrk", "-v")))[:2], " "))
}

// firstLine is that of a command's output, whatever its exit code: wrk's is 1.
func firstLine(cmd *exec.Cmd) string {
	out, _ := cmd.CombinedOutput()
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line
}
