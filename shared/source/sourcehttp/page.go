package sourcehttp

import (
	"context"
	"errors"
	"sync"

	"delfos/shared/source"
	"delfos/shared/source/sourcedb"
)

// page is one answer of /data in the making. Pages are reused.
type page struct {
	body   []byte
	rows   int
	last   int64 // the time of the last sample, in Unix microseconds
	more   bool  // there are samples after it in the window
	hasher *source.Hasher
}

var pages = sync.Pool{New: func() any { return &page{hasher: source.NewHasher(nil)} }}

// bounds of a page.
type bounds struct {
	rows, bytes int
	ends        bool // the reading ends with the page, rather than go on to hash the rest
}

// errPageFull ends a reading.
var errPageFull = errors.New("the page is full")

// read fills the page. Without bounds.ends, it goes on to the end of the window, so
// that the fingerprint is of the whole window, and of the same snapshot as the
// samples; that takes half the time of a second statement that computes it.
func (p *page) read(ctx context.Context, store *sourcedb.Reader, query source.Query, bounds bounds) error {
	p.body, p.rows, p.more = append(p.body[:0], '['), 0, false
	p.hasher.Reset(query.Variables)
	encoder := newEncoder(query.Variables)
	limit := 0
	if bounds.ends {
		limit = bounds.rows + 1
	}
	err := store.Read(ctx, query, limit, func(micros int64, values []float64) error {
		if !p.more && !p.add(encoder, bounds, micros, values) {
			p.more = true
		}
		if p.more && bounds.ends {
			return errPageFull
		}
		p.hasher.AddRow(micros, values)
		return nil
	})
	if err != nil && !errors.Is(err, errPageFull) {
		return err
	}
	p.body = append(p.body, ']')
	return nil
}

// add appends a sample, unless it would break the page's bounds. The first always
// fits, or a reading would never end.
func (p *page) add(encoder *encoder, bounds bounds, micros int64, values []float64) bool {
	if p.rows == bounds.rows {
		return false
	}
	length := len(p.body)
	if p.rows > 0 {
		p.body = append(p.body, ',')
	}
	p.body = encoder.appendSample(p.body, micros, values)
	if p.rows > 0 && len(p.body)+(p.rows+1)*encoder.quotes() >= bounds.bytes {
		p.body = p.body[:length]
		return false
	}
	p.rows++
	p.last = micros
	return true
}
