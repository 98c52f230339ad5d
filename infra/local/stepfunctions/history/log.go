package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strconv"
	"sync/atomic"
)

const (
	headerBytes = len("0123abcd ")
	// maxOpen bounds the logs that keep their file open; those beyond open it for
	// each use, which is slower and not otherwise different.
	maxOpen = 128
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	open       atomic.Int64 // logs that keep their file open
)

// DamageError is damage to a log that no killed process explains.
type DamageError struct {
	Path   string
	Offset int64 // bytes
	Reason string
}

// Error names file and offset, and says what to do.
func (e *DamageError) Error() string {
	return fmt.Sprintf("the history %s is damaged at byte %d: %s; put back a copy of the file, or delete it to lose the execution that it holds",
		e.Path, e.Offset, e.Reason)
}

// Log is the file of a top-level execution and of all executions below it. As a
// journal it is only appended to, a line a record: a checksum, a space, JSON. Its
// methods are for one goroutine at a time, but for Read, which may run beside all.
type Log struct {
	path   string
	size   int64
	file   *os.File // nil where it is not kept open
	buffer []byte
	text   bytes.Buffer
}

// Create makes a new log.
func Create(path string) (*Log, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a history: %w", err)
	}
	l := &Log{path: path}
	return l, l.keep(file)
}

// Open opens the log from a known place on: every whole record from there is given
// to apply; a torn last one is cut off.
func Open(path string, from int64, apply func(record Record, offset int64) error) (*Log, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a history: %w", err)
	}
	l := &Log{path: path, size: from}
	if err := l.replay(file, apply); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, l.keep(file)
}

func (l *Log) replay(file *os.File, apply func(Record, int64) error) error {
	reader := bufio.NewReaderSize(io.NewSectionReader(file, l.size, 1<<62), 1<<18)
	for {
		line, err := reader.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil
		case errors.Is(err, io.EOF):
			return file.Truncate(l.size)
		case err != nil:
			return fmt.Errorf("read the history %s: %w", l.path, err)
		}
		record, err := decode(line[:len(line)-1])
		if err == nil {
			err = apply(record, l.size)
		}
		if err != nil {
			return &DamageError{Path: l.path, Offset: l.size, Reason: err.Error()}
		}
		l.size += int64(len(line))
	}
}

// keep keeps the file open, if there are not too many already.
func (l *Log) keep(file *os.File) error {
	if open.Add(1) > maxOpen {
		open.Add(-1)
		return file.Close()
	}
	l.file = file
	return nil
}

// Release lets go of the file. The log can be used on.
func (l *Log) Release() error {
	if l.file == nil {
		return nil
	}
	open.Add(-1)
	file := l.file
	l.file = nil
	return file.Close()
}

// Size is where the next record goes.
func (l *Log) Size() int64 { return l.size }

func decode(line []byte) (Record, error) {
	var record Record
	if len(line) < headerBytes || line[headerBytes-1] != ' ' {
		return record, errors.New("the line is no record")
	}
	sum, err := strconv.ParseUint(string(line[:headerBytes-1]), 16, 32)
	if err != nil || uint64(crc32.Checksum(line[headerBytes:], castagnoli)) != sum {
		return record, errors.New("the checksum does not match the record")
	}
	return record, json.Unmarshal(line[headerBytes:], &record)
}

// Append writes records, all with one write, and returns where each begins. After
// an error the log is as it was.
func (l *Log) Append(records ...Record) ([]int64, error) {
	l.buffer = l.buffer[:0]
	offsets := make([]int64, len(records))
	for i, record := range records {
		if err := l.encode(record); err != nil {
			return nil, fmt.Errorf("encode a record of a history: %w", err)
		}
		offsets[i] = l.size + int64(len(l.buffer))
		text := l.text.Bytes() // ends with a line feed
		l.buffer = fmt.Appendf(l.buffer, "%08x ", crc32.Checksum(text[:len(text)-1], castagnoli))
		l.buffer = append(l.buffer, text...)
	}
	err := l.use(os.O_WRONLY|os.O_APPEND, func(file *os.File) error {
		_, err := file.Write(l.buffer)
		if err != nil {
			err = errors.Join(err, file.Truncate(l.size))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("append to the history %s: %w", l.path, err)
	}
	l.size += int64(len(l.buffer))
	return offsets, nil
}

// encode writes a record as it is: what json.Marshal does to "<" would show.
func (l *Log) encode(record Record) error {
	l.text.Reset()
	encoder := json.NewEncoder(&l.text)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(record)
}

func (l *Log) use(flags int, do func(*os.File) error) error {
	if l.file != nil {
		return do(l.file)
	}
	file, err := os.OpenFile(l.path, flags, 0)
	if err != nil {
		return err
	}
	return errors.Join(do(file), file.Close())
}
