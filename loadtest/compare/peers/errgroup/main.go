// errgroup does the service's job with Go's net/http and errgroup, as its documentation recommends for load.
//
//	errgroup HOST:PORT BACKENDS DEADLINE
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

type user struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

type post struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

type friend struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type profile struct {
	User    user     `json:"user"`
	Posts   []post   `json:"posts"`
	Friends []friend `json:"friends"`
}

// The default keeps only two idle connections to a host: under load nearly every call would open a new one.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16384}}

// get reads a backend's response, JSON with 200, into a value.
func get(ctx context.Context, uri string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d", uri, response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return err
	}
	// A connection is reused only if its response was fully read.
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// serve calls the three backends at once; the first failure cancels the other calls, and is the response.
func serve(backends string, deadline time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		timed, cancel := context.WithTimeout(r.Context(), deadline)
		defer cancel()
		group, ctx := errgroup.WithContext(timed)
		id := r.PathValue("id")
		var answer profile
		group.Go(func() error { return get(ctx, backends+"/users/"+url.PathEscape(id), &answer.User) })
		group.Go(func() error { return get(ctx, backends+"/posts?userId="+url.QueryEscape(id), &answer.Posts) })
		group.Go(func() error { return get(ctx, backends+"/friends?userId="+url.QueryEscape(id), &answer.Friends) })
		if err := group.Wait(); err != nil {
			status := http.StatusBadGateway
			if errors.Is(err, context.DeadlineExceeded) {
				status = http.StatusGatewayTimeout
			}
			http.Error(w, err.Error(), status)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			log.Print(err)
		}
	}
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: errgroup HOST:PORT BACKENDS DEADLINE")
	}
	deadline, err := time.ParseDuration(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	routes := http.NewServeMux()
	routes.Handle("GET /profiles/{id}", serve(os.Args[2], deadline))
	log.Fatal(http.ListenAndServe(os.Args[1], routes))
}
