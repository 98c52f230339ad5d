package lambda

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"delfos/infra/local/logs"
)

// drainTimeout bounds the wait for output that a process wrote before it
// answered or ended.
const drainTimeout = time.Second

// An output takes what a process writes to stdout and stderr, which are one
// pipe: the order between them is kept.
type output struct {
	read, write *os.File
	// mark is a line that this process writes into the pipe itself. A pipe is
	// first in, first out: when it has come through, so has everything that the
	// function wrote before.
	mark   []byte
	marked chan struct{}
	ended  chan struct{}
}

// newOutput gives each batch of lines that a process writes to emit, without
// line ends and without empty lines.
func newOutput(emit func(lines []string)) (*output, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open a pipe for a function's output: %w", err)
	}
	o := &output{read: read, write: write, mark: []byte(rand.Text()), marked: make(chan struct{}, 1), ended: make(chan struct{})}
	go o.copy(emit)
	return o, nil
}

func (o *output) copy(emit func(lines []string)) {
	defer close(o.ended)
	splitter := lineSplitter{mark: o.mark, limit: logs.MaxEventBytes}
	chunk := make([]byte, 32<<10)
	for {
		n, err := o.read.Read(chunk)
		lines, marks := splitter.split(chunk[:n])
		if err != nil {
			lines = append(lines, splitter.rest()...)
		}
		if len(lines) > 0 {
			emit(lines)
		}
		if marks > 0 {
			select {
			case o.marked <- struct{}{}:
			default: // a drain that gave up left one behind
			}
		}
		if err != nil { // the end, or the deadline that close sets
			return
		}
	}
}

// drain returns when everything that is in the pipe now has been emitted.
func (o *output) drain() {
	select {
	case <-o.marked: // of a drain that gave up
	default:
	}
	if _, err := o.write.Write(append(bytes.Clone(o.mark), '\n')); err != nil {
		return // closed: the process has ended, and close has read the rest
	}
	select {
	case <-o.marked:
	case <-o.ended:
	case <-time.After(drainTimeout):
	}
}

// close reads the rest of what an ended process wrote. A child of it that lives
// on and holds the pipe is not waited for.
func (o *output) close() error {
	err := errors.Join(o.write.Close(), o.read.SetReadDeadline(time.Now().Add(drainTimeout))) //nolint:forbidigo // the operating system's clock holds the deadline
	<-o.ended
	return errors.Join(err, o.read.Close())
}

// A lineSplitter cuts a stream of bytes into lines, of which it keeps the first
// limit bytes.
type lineSplitter struct {
	mark    []byte
	limit   int
	pending []byte
}

// split takes the next bytes, and returns the lines that end in them and how
// many of them were marks.
func (s *lineSplitter) split(chunk []byte) (lines []string, marks int) {
	for {
		piece, rest, complete := bytes.Cut(chunk, []byte{'\n'})
		s.keep(piece)
		if !complete {
			return lines, marks
		}
		line, marked := bytes.CutSuffix(s.pending, s.mark)
		if marked {
			marks++
		}
		lines = s.appendLine(lines, line)
		s.pending = s.pending[:0]
		chunk = rest
	}
}

// keep adds to the pending line. The last bytes of one that is too long are kept
// too, since a mark may be there.
func (s *lineSplitter) keep(piece []byte) {
	s.pending = append(s.pending, piece...)
	if tail := len(s.pending) - len(s.mark); tail > s.limit {
		s.pending = append(s.pending[:s.limit], s.pending[tail:]...)
	}
}

// rest is the last line, which has no end.
func (s *lineSplitter) rest() []string {
	return s.appendLine(nil, s.pending)
}

func (s *lineSplitter) appendLine(lines []string, line []byte) []string {
	line = line[:min(len(line), s.limit)]
	if len(line) == 0 {
		return lines
	}
	return append(lines, string(line))
}
