// go-stop does the service's job with Go's standard library, to be stopped by loadtest/stops:
//
//	go-stop HOST:PORT BACKENDS
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}

// get reads one backend's response, which must be JSON with 200.
func get(ctx context.Context, uri string) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && (response.StatusCode != http.StatusOK || !json.Valid(body)) {
		err = fmt.Errorf("%s: status %d, %d bytes", uri, response.StatusCode, len(body))
	}
	return body, err
}

// profile calls the three backends at once; the first failure cancels the other calls and is the response.
func profile(backends string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		deadline, stop := context.WithTimeout(r.Context(), 6*time.Second)
		defer stop()
		ctx, cancel := context.WithCancelCause(deadline)
		defer cancel(nil)
		id := url.QueryEscape(r.PathValue("id"))
		var parts struct {
			User    json.RawMessage `json:"user"`
			Posts   json.RawMessage `json:"posts"`
			Friends json.RawMessage `json:"friends"`
		}
		var calls sync.WaitGroup
		call := func(part *json.RawMessage, path string) {
			calls.Add(1)
			go func() {
				defer calls.Done()
				var err error
				if *part, err = get(ctx, backends+path); err != nil {
					cancel(err)
				}
			}()
		}
		call(&parts.User, "/users/"+id)
		call(&parts.Posts, "/posts?userId="+id)
		call(&parts.Friends, "/friends?userId="+id)
		calls.Wait()
		if ctx.Err() != nil {
			http.Error(w, context.Cause(ctx).Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(parts); err != nil {
			log.Print(err)
		}
	}
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go-stop HOST:PORT BACKENDS")
		os.Exit(64)
	}
	routes := http.NewServeMux()
	routes.Handle("GET /profiles/{id}", profile(os.Args[2]))
	server := &http.Server{Addr: os.Args[1], Handler: routes}
	told, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	stopped := make(chan error)
	go func() {
		<-told.Done()
		ctx, cancel := context.WithTimeout(context.Background(), 9*time.Second)
		defer cancel()
		stopped <- server.Shutdown(ctx)
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	if err := <-stopped; err != nil {
		log.Fatal(err)
	}
}
