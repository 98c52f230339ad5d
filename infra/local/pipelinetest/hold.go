package pipelinetest

import (
	"context"
	"sync"
	"testing"

	"delfos/shared/partition"
	"delfos/shared/source"
)

// Hold keeps runs of a day where they have claimed it and have not read anything.
type Hold struct {
	begun   chan struct{}
	release chan struct{}
	once    [2]sync.Once
}

// Await waits until a run is held.
func (h *Hold) Await(t testing.TB) {
	t.Helper()
	select {
	case <-h.begun:
	case <-t.Context().Done():
		t.Fatal("no run has begun")
	}
}

// Release lets the runs of the day go on.
func (h *Hold) Release() { h.once[1].Do(func() { close(h.release) }) }

// Hold holds the runs of a day from now on. They are released with the test.
func (w *World) Hold(key partition.Key) *Hold {
	h := &Hold{begun: make(chan struct{}), release: make(chan struct{})}
	w.functions.mu.Lock()
	defer w.functions.mu.Unlock()
	w.functions.holds[key] = h
	return h
}

func (f *functions) releaseAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.holds {
		h.Release()
	}
}

// held is the source API behind the holds.
type held struct{ functions *functions }

// Read reads when the day is not held any more.
func (s held) Read(ctx context.Context, query source.Query, page func(*source.Rows) error) (source.Fingerprint, error) {
	s.functions.mu.Lock()
	h := s.functions.holds[partition.NewKey(query.Span.Start.In(s.functions.world.Calendar.Location()))]
	s.functions.mu.Unlock()
	if h != nil {
		h.once[0].Do(func() { close(h.begun) })
		select {
		case <-h.release:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return s.functions.client.Read(ctx, query, page)
}
