package logs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A snapshot is a stream as it is at one moment; reading it blocks no writer.
type snapshot struct {
	view
	name       string
	base       int64 // position of the first event
	headerSize int64 // bytes before it
	extent     extent
}

// A position is where an event begins and ends, counted from the first byte that
// was ever written to the stream.
type position struct{ start, end int64 }

// end is the position after the last event.
func (s *snapshot) end() int64 { return s.base + max(s.size-s.headerSize, 0) }

// offset is where in the file a position is.
func (s *snapshot) offset(position int64) int64 { return position - s.base + s.headerSize }

// readHeader reads the first line; an empty file, or one whose first line is
// torn, has none.
func (s *snapshot) readHeader() error {
	line, err := bufio.NewReader(io.NewSectionReader(s, 0, s.size)).ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		s.size = 0
		return nil
	}
	if err != nil {
		return fmt.Errorf("read log stream %q: %w", s.name, err)
	}
	var head header
	if err := json.Unmarshal(line, &head); err != nil {
		return fmt.Errorf("log stream %q: its file does not begin with a header: %w", s.name, err)
	}
	s.base, s.headerSize, s.extent.created = head.Base, int64(len(line)), head.Created
	return nil
}

// scan calls visit with each whole event from a position on, until it returns
// false, and returns the position where it stopped. A line that is not an event,
// which a crash of the machine may leave, is passed over.
func (s *snapshot) scan(start int64, visit func(position, event) bool) (int64, error) {
	start = max(start, s.base)
	offset := s.offset(start)
	reader := bufio.NewReaderSize(io.NewSectionReader(s, offset, max(s.size-offset, 0)), 64<<10)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return start, nil
		}
		if err != nil {
			return start, fmt.Errorf("read log stream %q: %w", s.name, err)
		}
		where := position{start, start + int64(len(line))}
		var one event
		if json.Unmarshal(line, &one) == nil && !visit(where, one) {
			return start, nil
		}
		start = where.end
	}
}
