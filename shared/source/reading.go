package source

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"time"
)

// mostPages bounds a reading whose API never says that it is at the end: a window
// of the greatest length, with a sample each second, has 134 pages of the greatest
// size.
const mostPages = 10_000

// reading is one pass over the pages of a query.
type reading struct {
	client     *Client
	query      Query
	start, end int64 // of the window, in Unix microseconds
	decoder    decoder
	hasher     *Hasher

	pages     int
	body      []byte
	rows      Rows
	last      int64       // the latest time so far
	announced Fingerprint // of the whole window, by the first page
}

func newReading(client *Client, query Query) *reading {
	return &reading{
		client:  client,
		query:   query,
		start:   ceilMicro(query.Span.Start),
		end:     ceilMicro(query.Span.End),
		decoder: decoder{variables: query.Variables},
		hasher:  NewHasher(query.Variables),
		last:    math.MinInt64,
	}
}

// ceilMicro is the first whole microsecond from t on.
func ceilMicro(t time.Time) int64 {
	micros := t.UnixMicro()
	if t.Nanosecond()%1000 != 0 {
		micros++
	}
	return micros
}

func (r *reading) run(ctx context.Context, page func(*Rows) error) (Fingerprint, error) {
	for address := r.client.address(r.query, r.client.pageRows); address != nil; {
		if r.pages++; r.pages > mostPages {
			return "", r.invalid("there are more than %d pages", mostPages)
		}
		next, err := r.fetch(ctx, address)
		if err != nil {
			return "", err
		}
		if err := r.check(next); err != nil {
			return "", err
		}
		r.hasher.Add(&r.rows)
		if err := page(&r.rows); err != nil {
			return "", err
		}
		address = next
	}
	if sum := r.hasher.Sum(); sum != r.announced {
		return "", &ChangedError{r.announced, sum}
	}
	return r.announced, nil
}

// fetch reads one page into r.rows, with retries, and returns where the next is,
// nil for nowhere.
func (r *reading) fetch(ctx context.Context, address *url.URL) (next *url.URL, err error) {
	err = r.client.retrier.do(ctx, func(ctx context.Context) error {
		answer, err := r.client.get(ctx, address, "", r.body)
		if err != nil {
			return r.locate(err)
		}
		r.body = answer.body
		r.rows.reset(len(r.query.Variables))
		if err := r.decoder.decode(answer.body, &r.rows); err != nil {
			return r.locate(err)
		}
		if r.pages == 1 {
			r.announced = answer.fingerprint
		}
		next = answer.next
		return nil
	})
	return next, err
}

// locate tells apart what another attempt may mend, and says on which page the
// rest was.
func (r *reading) locate(err error) error {
	var decoding *decodeError
	var invalid *InvalidDataError
	switch {
	case errors.As(err, &decoding) && decoding.garbled:
		return &transientError{cause: err}
	case errors.As(err, &decoding):
		return r.invalid("%v", err)
	case errors.As(err, &invalid):
		return r.invalid("%s", invalid.Reason)
	}
	return err
}

// check holds the page against the window and the pages before it.
func (r *reading) check(next *url.URL) error {
	for row, micros := range r.rows.Times {
		if micros < r.start || micros >= r.end {
			return r.invalid("the sample of %s is outside the window", r.rows.Time(row).Format(time.RFC3339Nano))
		}
		if micros <= r.last {
			return r.invalid("the sample of %s does not come after the one before it, of %s",
				r.rows.Time(row).Format(time.RFC3339Nano), time.UnixMicro(r.last).UTC().Format(time.RFC3339Nano))
		}
		r.last = micros
	}
	if next != nil && r.rows.Len() == 0 {
		return r.invalid("it has no sample, and yet a next page")
	}
	return nil
}

func (r *reading) invalid(format string, args ...any) error {
	return &InvalidDataError{r.pages, fmt.Sprintf(format, args...)}
}
