package history

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// Reader reads records by their offsets, whatever is appended meanwhile.
type Reader struct {
	file   *os.File
	buffer *bufio.Reader
	at     int64 // where buffer stands in the file
}

// NewReader opens the log at a path for reading; Close it.
func NewReader(path string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a history: %w", err)
	}
	return &Reader{file: file, buffer: bufio.NewReaderSize(nil, 1<<14), at: -1}, nil
}

// Close closes it.
func (r *Reader) Close() error { return r.file.Close() }

// Record reads one record. Records that follow one another are read fastest.
func (r *Reader) Record(offset int64) (Record, error) {
	if skip := offset - r.at; r.at < 0 || skip < 0 || skip > 1<<14 {
		r.buffer.Reset(io.NewSectionReader(r.file, offset, 1<<62))
	} else if _, err := r.buffer.Discard(int(skip)); err != nil {
		return Record{}, r.damage(offset, err)
	}
	r.at = offset
	line, err := r.buffer.ReadBytes('\n')
	if err != nil {
		r.at = -1
		return Record{}, r.damage(offset, err)
	}
	r.at += int64(len(line))
	record, err := decode(line[:len(line)-1])
	if err != nil {
		return record, r.damage(offset, err)
	}
	return record, nil
}

// Event reads the event at an offset.
func (r *Reader) Event(offset int64) (*Event, error) {
	record, err := r.Record(offset)
	if err == nil && record.Event == nil {
		err = r.damage(offset, errors.New("the record is no event"))
	}
	return record.Event, err
}

func (r *Reader) damage(offset int64, err error) error {
	return &DamageError{Path: r.file.Name(), Offset: offset, Reason: err.Error()}
}
