// compare measures the cost of a profile in Muster and its peers, side by side: the same backends, the same connections, in
// turns on one machine. To be run by the script beside it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// shape is the shape of a load: the number of connections, and of posts and friends in the profile.
type shape struct {
	connections, items int
}

func (s shape) id() string { return fmt.Sprintf("posts-n%d_friends-n%d_ada", s.items, s.items) }

func (s shape) String() string {
	return fmt.Sprintf("%d connections, %d posts and friends", s.connections, s.items)
}

// Ten posts are what JSONPlaceholder's users have, the field's common demo data.
var (
	over32   = shape{32, 10}
	over128  = shape{128, 10}
	over1000 = shape{1000, 10}
	small    = shape{32, 3}
	large    = shape{32, 50}
)

// plan is the extent of the measurement.
type plan struct {
	// pairs of rounds to compare; for loads of another size, the minimum.
	pairs       int
	lasts, warm time.Duration
	shapes      []shape
	starts      int
	opens       int
	inFlight    int
	overload    bool
}

var (
	full = plan{pairs: 10, lasts: 5 * time.Second, warm: 30 * time.Second,
		shapes: []shape{over32, over128, over1000, small, large}, starts: 10, opens: 4, inFlight: 4000, overload: true}
	quick = plan{pairs: minPairs, lasts: 2 * time.Second, warm: 10 * time.Second, shapes: []shape{over32, over128}, starts: 2}
)

func (p plan) rounds(of shape) int {
	if of.items != over32.items {
		return minPairs
	}
	return p.pairs
}

const usage = `compares Muster with Go net/http + errgroup and Lura, the engine of KrakenD

  loadtest/compare/compare [--quick] [--docs]

  --quick   fewer and shorter rounds, in under 3 minutes; without it, some 20 minutes
  --docs    also writes the result to docs/performance.md
`

// exitUsage is that of sysexits.h for a bad command line.
const exitUsage = 64

func say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "loadtest/compare: "+format+"\n", values...)
}

func main() {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	isQuick := flags.Bool("quick", false, "")
	toDocs := flags.Bool("docs", false, "")
	err := flags.Parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		fmt.Print(usage)
		return
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unknown argument '%s'", flags.Arg(0))
	}
	if err != nil {
		say("%v; allowed: --quick, --docs", err)
		os.Exit(exitUsage)
	}
	p := full
	if *isQuick {
		p = quick
	}
	ctx, end := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer end()
	if err := run(ctx, p, *toDocs); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
		say("%v", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan, toDocs bool) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	work, err := os.MkdirTemp("", "compare-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	h := &house{root: os.Getenv("COMPARE_ROOT"), built: os.Getenv("COMPARE_BUILT"), work: work}
	backends, err := h.startBackends(ctx)
	if backends != nil {
		defer backends.stop()
	}
	if err != nil {
		return err
	}
	found := &findings{plan: p, begun: time.Now()}
	begin, err := hostTimeNow()
	if err != nil {
		return err
	}
	if err := h.measureStarts(ctx, p, found); err != nil {
		return err
	}
	if p.inFlight > 0 {
		if err := h.measureInFlight(ctx, p, found); err != nil {
			return err
		}
	}
	if p.overload {
		if err := h.measureOverload(ctx, p, found); err != nil {
			return err
		}
	}
	// Last, because it takes the longest: other failures should show before.
	if err := h.measureTurns(ctx, p, found); err != nil {
		return err
	}
	if found.stolen, err = stolenSince(begin); err != nil {
		return err
	}
	return report(h.root, found, toDocs)
}

// measureStarts starts each side again and again: the time to its first profile, and its memory then.
func (h *house) measureStarts(ctx context.Context, p plan, found *findings) error {
	say("starting each %d times", p.starts)
	type start struct {
		name string
		terms
	}
	all := []start{{musterUncached, uncached}}
	for _, name := range sides {
		all = append(all, start{name, usual})
	}
	for range p.starts {
		for _, one := range all {
			name := one.name
			if name == musterUncached {
				name = muster
			}
			s, err := h.startSide(ctx, name, one.terms)
			if s != nil {
				defer s.stop()
			}
			if err != nil {
				return err
			}
			memory, err := s.resident()
			if err != nil {
				return err
			}
			s.stop()
			found.addStart(one.name, s.first, memory)
		}
	}
	return nil
}

// measureTurns loads the sides in turns. All run all the time.
func (h *house) measureTurns(ctx context.Context, p plan, found *findings) error {
	services := map[string]*service{}
	answers := map[string][]byte{}
	for _, name := range sides {
		s, err := h.startSide(ctx, name, usual)
		if s != nil {
			defer s.stop()
		}
		if err != nil {
			return err
		}
		services[name] = s
	}
	for _, of := range p.shapes {
		for name, s := range services {
			var err error
			if answers[name], err = body(s.profile(of.id())); err != nil {
				return err
			}
		}
		if err := agree(answers); err != nil {
			return err
		}
		found.addSize(of, len(answers[muster]))
	}
	say("all give the same profile")
	for _, name := range sides {
		say("warming up %s, %v or more", name, p.warm)
		if err := h.warmUp(ctx, services[name], p); err != nil {
			return err
		}
	}
	for _, of := range p.shapes {
		say("%v: %d rounds of %v for each", of, p.rounds(of), p.lasts)
		for round, again := 0, 0; round < p.rounds(of); {
			turns, stolen, err := h.round(ctx, services, of, turnOrder(round), p.lasts)
			if err != nil {
				return err
			}
			if stolen > tooMuchStolen && again < p.rounds(of)/2 {
				again++
				found.again++
				say("the host took %.0f %% of the processors: the round is run again", 100*stolen)
				continue
			}
			for name, t := range turns {
				if err := t.clean(name); err != nil {
					return err
				}
				found.addTurn(of, name, t)
			}
			round++
			say("round %d: %s", round, found.lastRound(of))
		}
		if of == over128 {
			for _, name := range sides {
				memory, err := services[name].resident()
				if err != nil {
					return err
				}
				found.addLoaded(name, memory)
			}
		}
	}
	if p.opens == 0 {
		return nil
	}
	found.openRate = int(0.7 * found.slowest(over128))
	say("open loop: %d rounds of %v at %d/s for each", p.opens, p.lasts, found.openRate)
	for round := range p.opens {
		for _, name := range turnOrder(round) {
			t, err := h.open(ctx, services[name], over128.id(), found.openRate, p.lasts)
			if err != nil {
				return err
			}
			found.addOpen(name, t)
		}
	}
	return nil
}

// round loads each side once, and returns the share of the processors' time that the host took.
func (h *house) round(ctx context.Context, services map[string]*service, of shape, order []string, lasts time.Duration) (
	map[string]turn, float64, error) {
	begin, err := hostTimeNow()
	if err != nil {
		return nil, 0, err
	}
	turns := map[string]turn{}
	for _, name := range order {
		if turns[name], err = h.closed(ctx, services[name], of.id(), of.connections, lasts); err != nil {
			return nil, 0, err
		}
	}
	stolen, err := stolenSince(begin)
	return turns, stolen, err
}

// turnOrder changes with each round, so that no side is always first, or always behind the same one.
func turnOrder(round int) []string {
	order := make([]string, len(sides))
	for i := range sides {
		place := (i + round) % len(sides)
		if round/len(sides)%2 == 1 {
			place = (len(sides) - i + round) % len(sides)
		}
		order[i] = sides[place]
	}
	return order
}

// measureInFlight measures the memory of each of many requests in flight. Their backends take half a second.
func (h *house) measureInFlight(ctx context.Context, p plan, found *findings) error {
	for _, name := range sides {
		say("%s: %d requests in flight", name, p.inFlight)
		s, err := h.startSide(ctx, name, manyInFlight)
		if s != nil {
			defer s.stop()
		}
		if err != nil {
			return err
		}
		if err := h.warmUp(ctx, s, p); err != nil {
			return err
		}
		before, err := s.resident()
		if err != nil {
			return err
		}
		watched, stop := context.WithCancel(ctx)
		most := make(chan float64)
		go func() { most <- s.mostResident(watched) }()
		t, err := h.closed(ctx, s, "all-d500_"+over32.id(), p.inFlight, 15*time.Second)
		stop()
		after := <-most
		if err != nil {
			return err
		}
		found.addInFlight(name, flight{turn: t, each: (after - before) / float64(p.inFlight)})
		s.stop()
	}
	return nil
}

// mostResident samples until ctx ends.
func (s *service) mostResident(ctx context.Context) float64 {
	most := 0.0
	for {
		if now, err := s.resident(); err == nil {
			most = max(most, now)
		}
		select {
		case <-ctx.Done():
			return most
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// body is the body of a GET's 200.
func body(url string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", url, response.StatusCode)
	}
	return io.ReadAll(response.Body)
}
