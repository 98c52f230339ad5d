package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A segment holds the bytes of one stream. Its methods are called under the
// stream's lock; what view returns may be read without it.
type segment interface {
	// append adds whole lines: all of them, or none.
	append(lines []byte) error
	// view opens the bytes as they are now; later changes do not show in it.
	view() (view, error)
	// truncate cuts the segment to size bytes.
	truncate(size int64) error
	// replace puts content in the place of everything, at once.
	replace(content io.Reader) error
}

// A view is a segment's bytes at one moment.
type view struct {
	io.ReaderAt
	io.Closer
	size int64
}

// A file is a segment on disk. It is opened for each use, so that any number of
// streams needs no more file descriptors than there are readers and writers.
type file struct{ path string }

func (f file) append(lines []byte) error {
	handle, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	written, err := handle.Write(lines)
	if err != nil && written > 0 { // such as a full disk: leave no half line behind
		if info, statErr := handle.Stat(); statErr == nil {
			err = errors.Join(err, handle.Truncate(info.Size()-int64(written)))
		}
	}
	return errors.Join(err, handle.Close())
}

func (f file) view() (view, error) {
	handle, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return view{bytes.NewReader(nil), io.NopCloser(nil), 0}, nil
	}
	if err != nil {
		return view{}, err
	}
	info, err := handle.Stat()
	if err != nil {
		return view{}, errors.Join(err, handle.Close())
	}
	return view{handle, handle, info.Size()}, nil
}

func (f file) truncate(size int64) error { return os.Truncate(f.path, size) }

func (f file) replace(content io.Reader) error {
	// The name lacks the suffix of streams: a crash leaves a file that nobody reads.
	handle, err := os.CreateTemp(filepath.Dir(f.path), "trim-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(handle, content)
	if err = errors.Join(err, handle.Close()); err == nil {
		err = os.Rename(handle.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("trim %s: %w", f.path, err), os.Remove(handle.Name()))
	}
	return nil
}

// A memory segment is lost with the process.
type memory struct{ data []byte }

func (m *memory) append(lines []byte) error {
	m.data = append(m.data, lines...)
	return nil
}

func (m *memory) view() (view, error) {
	return view{bytes.NewReader(m.data), io.NopCloser(nil), int64(len(m.data))}, nil
}

func (m *memory) truncate(size int64) error {
	m.data = bytes.Clone(m.data[:size])
	return nil
}

func (m *memory) replace(content io.Reader) error {
	data, err := io.ReadAll(content)
	m.data = data
	return err
}
