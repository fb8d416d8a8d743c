package main

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"path"
	"slices"
	"sync"
	"sync/atomic"
)

// metrics are what the replica did so far.
type metrics struct {
	reconciles, failures, leading, admissions, conversions atomic.Int64

	lock    sync.Mutex
	watches map[string]int
	// Lists, and watches that begin with a list.
	lists map[string]int
}

func newMetrics() *metrics {
	return &metrics{watches: map[string]int{}, lists: map[string]int{}}
}

type countingTransport struct {
	next    http.RoundTripper
	metrics *metrics
}

// countRequests counts the watches and lists that were begun and accepted, by resource; each but the first of a resource is a reconnection.
func (m *metrics) countRequests(next http.RoundTripper) http.RoundTripper {
	return countingTransport{next, m}
}

func (t countingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(request)
	resource := path.Base(request.URL.Path)
	if err != nil || response.StatusCode != http.StatusOK || request.Method != http.MethodGet || !slices.Contains([]string{"sites", "deployments", "configmaps"}, resource) {
		return response, err
	}
	t.metrics.lock.Lock()
	defer t.metrics.lock.Unlock()
	query := request.URL.Query()
	if query.Get("watch") != "" {
		t.metrics.watches[resource]++
	}
	if query.Get("watch") == "" || query.Get("sendInitialEvents") == "true" {
		t.metrics.lists[resource]++
	}
	return response, err
}

// serve answers in the text format of Prometheus.
func (m *metrics) serve(listener net.Listener) error {
	return http.Serve(listener, http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		for _, each := range []struct {
			name  string
			value *atomic.Int64
		}{{"reconciles_total", &m.reconciles}, {"failures_total", &m.failures}, {"leading", &m.leading}, {"admissions_total", &m.admissions}, {"conversions_total", &m.conversions}} {
			fmt.Fprintf(writer, "%s %d\n", each.name, each.value.Load())
		}
		m.lock.Lock()
		defer m.lock.Unlock()
		for name, counts := range map[string]map[string]int{"watches_total": m.watches, "lists_total": m.lists} {
			for _, resource := range slices.Sorted(maps.Keys(counts)) {
				fmt.Fprintf(writer, "%s{resource=%q} %d\n", name, resource, counts[resource])
			}
		}
	}))
}
