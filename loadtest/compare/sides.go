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

// sides in the order in which tables have them.
var sides = []string{muster, golang, lura}

// house knows how to start everything: where the repository and what was built are.
type house struct {
	root, built, work, backends string
}

// service is a side that runs.
type service struct {
	*process
	url string
	// admin is where Muster has its metrics.
	admin string
	// first is how long it took from its start to the first profile.
	first time.Duration
}

// profile is the address of a profile.
func (s *service) profile(id string) string { return s.url + "/profiles/" + id }

// terms are what a side is started with besides its defaults.
type terms struct {
	deadline time.Duration
	// env is for Muster alone.
	env []string
}

var (
	// usual is a deadline of 1 s for all, which is Muster's own default.
	usual = terms{deadline: time.Second}
	// uncached is without what an earlier start has left for Muster's next one.
	uncached = terms{deadline: time.Second, env: []string{"MUSTER_JAVA_OPTS=-XX:AOTMode=off"}}
	// manyInFlight admits what inFlight sends, and waits for it. The other sides admit all that comes.
	manyInFlight = terms{deadline: 8 * time.Second, env: []string{
		"MUSTER_JAVA_OPTS=-Xmx1g",
		"MUSTER_SERVER_MAX_REQUESTS=4500",
		"MUSTER_CONNECTION_MAX_CONNECTIONS=4500",
		"MUSTER_DEADLINE_DEFAULT=PT8S",
		"MUSTER_BACKENDS_USER_MAX_CONNECTIONS=4500", "MUSTER_BACKENDS_USER_TIMEOUT=PT8S",
		"MUSTER_BACKENDS_POSTS_MAX_CONNECTIONS=4500", "MUSTER_BACKENDS_POSTS_TIMEOUT=PT8S",
		"MUSTER_BACKENDS_FRIENDS_MAX_CONNECTIONS=4500", "MUSTER_BACKENDS_FRIENDS_TIMEOUT=PT8S",
	}}
)

// startBackends starts the demo backends. What is built is built here, so that no start is a build.
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
			"MUSTER_BACKENDS_USER_BASE_URI=" + h.backends,
			"MUSTER_BACKENDS_POSTS_BASE_URI=" + h.backends,
			"MUSTER_BACKENDS_FRIENDS_BASE_URI=" + h.backends,
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

// forgetLog empties what a service has written: an access log of a whole comparison is gigabytes.
func (s *service) forgetLog() { os.Truncate(s.log, 0) }
