// Package journal keeps records in a file that is only appended to and that
// survives the death of its process at any moment.
//
// A record is a line: eight hexadecimal digits of its CRC-32C, a space, the record,
// a line feed. A process killed in a write leaves a last line without its line
// feed; that record was never acknowledged, and Open drops it. Any other damage is
// an error.
//
// Writes are not synced to the disk: what the kernel has survives the process, but
// not a power cut, which a stand-in for AWS on a laptop need not survive.
package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
)

const (
	headerBytes = len("0123abcd ")
	// temporarySuffix ends the name of a file that Rewrite has not finished.
	temporarySuffix = ".tmp"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// DamageError is damage that no killed write explains.
type DamageError struct {
	Path   string
	Offset int64 // of the damaged line, in bytes
	Reason string
}

// Error names file and offset, and says what to do.
func (e *DamageError) Error() string {
	return fmt.Sprintf("journal %s is damaged at byte %d: %s; put back a copy of the file, or delete it to lose what it holds", e.Path, e.Offset, e.Reason)
}

// Journal is an open file of records. It is for one goroutine at a time.
type Journal struct {
	file    *os.File
	size    int64
	records int
	buffer  []byte
	broken  error // set when a failed write could not be undone
}

// Open opens or creates the file, with mode 0600, and gives every record in it to
// replay, in order. A torn last record is dropped with a warning. Damage before the
// end is a *DamageError, and so is an error of replay.
func Open(path string, replay func(record []byte) error) (*Journal, error) {
	if err := os.Remove(path + temporarySuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove what an interrupted rewrite left: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{file: file}
	if err := j.replay(replay); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

func (j *Journal) replay(apply func(record []byte) error) error {
	reader := bufio.NewReaderSize(j.file, 1<<20)
	for {
		line, err := reader.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			return j.dropTorn(len(line))
		case err != nil:
			return fmt.Errorf("read journal %s: %w", j.file.Name(), err)
		}
		record, err := decode(line[:len(line)-1])
		if err == nil {
			err = apply(record)
		}
		if err != nil {
			return &DamageError{Path: j.file.Name(), Offset: j.size, Reason: err.Error()}
		}
		j.size += int64(len(line))
		j.records++
	}
}

func (j *Journal) dropTorn(length int) error {
	if length == 0 {
		return nil
	}
	//nolint:forbidigo // it is told once, before there is anything to give a logger to
	slog.Warn("the last record of a journal is torn, as a killed process leaves it; it is dropped",
		"path", j.file.Name(), "offset", j.size, "bytes", length)
	if err := j.file.Truncate(j.size); err != nil {
		return fmt.Errorf("drop the torn record of journal %s: %w", j.file.Name(), err)
	}
	return nil
}

func decode(line []byte) ([]byte, error) {
	if len(line) < headerBytes || line[headerBytes-1] != ' ' {
		return nil, errors.New("the line is no record")
	}
	sum, err := strconv.ParseUint(string(line[:headerBytes-1]), 16, 32)
	if err != nil {
		return nil, errors.New("the line does not begin with a checksum")
	}
	record := line[headerBytes:]
	if uint64(crc32.Checksum(record, castagnoli)) != sum {
		return nil, errors.New("the checksum does not match the record")
	}
	return record, nil
}

func appendRecord(dst, record []byte) []byte {
	dst = fmt.Appendf(dst, "%08x ", crc32.Checksum(record, castagnoli))
	return append(append(dst, record...), '\n')
}

// Append writes one record, which must hold no line feed, before it returns. After
// an error the journal is as it was, or refuses every further record.
func (j *Journal) Append(record []byte) error {
	if j.broken != nil {
		return j.broken
	}
	if bytes.IndexByte(record, '\n') >= 0 {
		return errors.New("a record of a journal cannot hold a line feed")
	}
	j.buffer = appendRecord(j.buffer[:0], record)
	if _, err := j.file.Write(j.buffer); err != nil {
		err = fmt.Errorf("append to journal: %w", err)
		if undo := j.file.Truncate(j.size); undo != nil {
			j.broken = errors.Join(err, fmt.Errorf("undo the failed append: %w", undo))
		}
		return err
	}
	j.size += int64(len(j.buffer))
	j.records++
	return nil
}

// Records is the number of records in the file.
func (j *Journal) Records() int { return j.records }

// Path is the file's.
func (j *Journal) Path() string { return j.file.Name() }

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }

// Rewrite replaces the file at path by one of these records, at once: whoever opens
// path finds all of the old records or all of the new. What an interrupted Rewrite
// leaves beside path goes with the next Open.
func Rewrite(path string, records iter.Seq[[]byte]) error {
	temporary := path + temporarySuffix
	if err := writeAll(temporary, records); err != nil {
		return fmt.Errorf("rewrite journal %s: %w", path, errors.Join(err, os.Remove(temporary)))
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("rewrite journal: %w", err)
	}
	return syncDirectory(filepath.Dir(path))
}

func writeAll(path string, records iter.Seq[[]byte]) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	writer := bufio.NewWriterSize(file, 1<<20)
	var line []byte
	for record := range records {
		line = appendRecord(line[:0], record)
		if _, err := writer.Write(line); err != nil {
			return err
		}
	}
	return errors.Join(writer.Flush(), file.Sync())
}

// syncDirectory makes a rename in the directory last.
func syncDirectory(path string) error {
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
