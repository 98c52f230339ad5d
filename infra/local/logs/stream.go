package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// MaxEventBytes bounds an event's message; what is beyond is cut. 256 KB is
// CloudWatch Logs' long-standing quota for one event.
const MaxEventBytes = 256 << 10

// An event is one line of a stream's file.
type event struct {
	At       int64  `json:"t"` // milliseconds since 1970, as all times here
	Ingested int64  `json:"i"`
	Message  string `json:"m"`
}

// The header is the first line of a stream's file.
type header struct {
	Created int64 `json:"created"`
	// Base is the position of the first event. Positions count the bytes that
	// were ever appended, so they stay valid when the oldest are dropped.
	Base int64 `json:"base"`
}

// extent says what times a stream covers.
type extent struct {
	created, first, last, ingested int64
	empty                          bool
}

// A stream is one log stream. What is known about it is read from its file when
// it is first asked for.
type stream struct {
	name     string
	maxBytes int64

	mu         sync.Mutex
	segment    segment
	loaded     bool
	base       int64
	headerSize int64
	size       int64
	extent     extent
}

func (s *stream) append(at, now time.Time, lines []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(); err != nil {
		return err
	}
	var buffer bytes.Buffer
	if s.size == 0 {
		s.extent = extent{created: now.UnixMilli(), empty: true}
		if err := writeLine(&buffer, header{Created: now.UnixMilli()}); err != nil {
			return err
		}
		s.headerSize = int64(buffer.Len())
	}
	for _, line := range lines {
		if err := writeLine(&buffer, event{at.UnixMilli(), now.UnixMilli(), cut(line)}); err != nil {
			return err
		}
	}
	if err := s.segment.append(buffer.Bytes()); err != nil {
		s.loaded = false // look at the file again before the next line
		return fmt.Errorf("append to log stream %q: %w", s.name, err)
	}
	s.size += int64(buffer.Len())
	if len(lines) > 0 {
		s.extent.include(event{At: at.UnixMilli(), Ingested: now.UnixMilli()})
	}
	if s.size > s.maxBytes {
		return s.trim()
	}
	return nil
}

func (e *extent) include(one event) {
	if e.empty {
		e.first = one.At
	}
	e.empty = false
	e.last = max(e.last, one.At)
	e.ingested = one.Ingested
}

// cut keeps a message within MaxEventBytes, and whole in its last character.
func cut(message string) string {
	if len(message) <= MaxEventBytes {
		return message
	}
	end := MaxEventBytes
	for end > MaxEventBytes-utf8.UTFMax && !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end]
}

func writeLine(w *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(w) // ends the line
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// load reads what the file says about itself, and drops a last line that a
// killed process left half written. Called under the lock.
func (s *stream) load() error {
	if s.loaded {
		return nil
	}
	opened, err := s.segment.view()
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // only read
	found := &snapshot{view: opened, name: s.name, extent: extent{empty: true}}
	if err := found.readHeader(); err != nil {
		return err
	}
	end, err := found.scan(found.base, func(_ position, one event) bool {
		found.extent.include(one)
		return true
	})
	if err != nil {
		return err
	}
	s.base, s.headerSize, s.extent = found.base, found.headerSize, found.extent
	s.size = found.offset(end)
	if s.size < opened.size {
		if err := s.segment.truncate(s.size); err != nil {
			return fmt.Errorf("drop the torn last line of log stream %q: %w", s.name, err)
		}
	}
	s.loaded = true
	return nil
}

// trim drops the oldest half of the events. Called under the lock.
func (s *stream) trim() error {
	opened, err := s.snapshot()
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // only read
	var keep position
	var first event
	middle := s.base + (s.size-s.headerSize)/2
	if _, err := opened.scan(s.base, func(where position, one event) bool {
		keep, first = where, one
		return where.start < middle
	}); err != nil {
		return err
	}
	var head bytes.Buffer
	if err := writeLine(&head, header{Created: s.extent.created, Base: keep.start}); err != nil {
		return err
	}
	headerSize := int64(head.Len())
	rest := io.NewSectionReader(opened, opened.offset(keep.start), s.size-opened.offset(keep.start))
	if err := s.segment.replace(io.MultiReader(&head, rest)); err != nil {
		return err
	}
	s.size = headerSize + rest.Size()
	s.base, s.headerSize, s.extent.first = keep.start, headerSize, first.At
	return nil
}

// describe returns what times the stream covers.
func (s *stream) describe() (extent, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.load()
	return s.extent, err
}

// open takes a snapshot, which must be closed.
func (s *stream) open() (*snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(); err != nil {
		return nil, err
	}
	return s.snapshot()
}

// snapshot opens the stream as it is. Called under the lock, after load.
func (s *stream) snapshot() (*snapshot, error) {
	opened, err := s.segment.view()
	if err != nil {
		return nil, fmt.Errorf("open log stream %q: %w", s.name, err)
	}
	opened.size = min(opened.size, s.size)
	return &snapshot{opened, s.name, s.base, s.headerSize, s.extent}, nil
}
