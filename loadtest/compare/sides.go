package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// The sides, by their names in tables.
const (
	muster = "Muster"
	golang = "Go net/http + errgroup"
	lura   = "Lura 2.14.1"
)

// sides in the order of the tables.
var sides = []string{muster, golang, lura}

// house knows how to start everything: the paths of the repository and the builds.
type house struct {
	root, built, work, backends string
}

// service is a side that runs.
type service struct {
	*process
	url string
	// admin is where Muster has its metrics.
	admin string
	// first is the time from its start to the first profile.
	first time.Duration
}

// profile is the address of a profile.
func (s *service) profile(id string) string { return s.url + "/profiles/" + id }

// terms are the start settings of a side that differ from its defaults.
type terms struct {
	deadline time.Duration
	// env is for Muster alone.
	env []string
}

var (
	// usual is a deadline of 1 s for all, which is Muster's own default.
	usual = terms{deadline: time.Second}
	// uncached is without the AOT cache of an earlier start.
	uncached = terms{deadline: time.Second, env: []string{"MUSTER_JAVA_OPTS=-XX:AOTMode=off"}}
	// manyInFlight makes Muster admit the requests of inFlight, and wait for them. The other sides admit everything.
	manyInFlight = terms{deadline: 8 * time.Second, env: []string{
		"MUSTER_JAVA_OPTS=-Xmx1g",
		"MUSTER_SERVER_MAX_REQUESTS=4500",
		"MUSTER_CONNECTION_MAX_CONNECTIONS=4500",
		"MUSTER_DEADLINE_DEFAULT=PT8S",
		"MUSTER_BACKENDS_MAX_CONNECTIONS=4500",
		"MUSTER_BACKENDS_TIMEOUT=PT8S",
	}}
)

// startBackends starts the demo backends. It also builds, so that no start includes a build.
func (h *house) startBackends(ctx context.Context) (*process, error) {
	port, _, err := freePorts()
	if err != nil {
		return nil, err
	}
	h.backends = fmt.Sprintf("http://127.0.0.1:%d", port)
	env := []string{"MUSTER_DEMO_PORT=" + strconv.Itoa(port)}
	backends, err := start(ctx, h.work, "backends", env, filepath.Join(h.root, "run"), "backends")
	if err != nil {
		return nil, err
	}
	_, err = backends.await(h.backends + "/users/ada")
	return backends, err
}

// startSide starts a side, and waits for its first profile.
func (h *house) startSide(ctx context.Context, name string, t terms) (*service, error) {
	port, admin, err := freePorts()
	if err != nil {
		return nil, err
	}
	var argv, env []string
	switch name {
	case muster:
		argv = []string{filepath.Join(h.root, "run"), "serve"}
		env = append([]string{
			"MUSTER_SERVER_PORT=" + strconv.Itoa(port),
			"MUSTER_ADMIN_PORT=" + strconv.Itoa(admin),
			"MUSTER_BACKENDS_BASE_URI=" + h.backends,
		}, t.env...)
	case golang:
		argv = []string{filepath.Join(h.built, "errgroup"), "127.0.0.1:" + strconv.Itoa(port), h.backends, t.deadline.String()}
	case lura:
		argv = []string{filepath.Join(h.built, "lura"), strconv.Itoa(port), h.backends, t.deadline.String()}
	}
	running, err := start(ctx, h.work, filepath.Base(argv[0]), env, argv...)
	if err != nil {
		return nil, err
	}
	s := &service{process: running, url: fmt.Sprintf("http://127.0.0.1:%d", port), admin: fmt.Sprintf("http://127.0.0.1:%d", admin)}
	s.first, err = running.await(s.profile("ada"))
	return s, err
}

// forgetLog empties a service's output: an access log of a whole comparison is gigabytes.
func (s *service) forgetLog() { os.Truncate(s.log, 0) }
