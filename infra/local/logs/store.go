// Package logs stands in for Amazon CloudWatch Logs: what the functions write,
// kept in one file of JSON lines a stream, and the operations that read it.
package logs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	defaultMaxStreamBytes = 32 << 20
	streamSuffix          = ".jsonl"
)

// Options says where a Store keeps its streams.
type Options struct {
	// Dir is the directory, made if it is missing; "" keeps everything in memory.
	Dir string
	// Region and AccountID appear in ARNs.
	Region, AccountID string
	// Now is the clock of ingestion times; nil means time.Now.
	Now func() time.Time
	// MaxStreamBytes bounds a stream's file: beyond it the oldest half is dropped.
	// 0 means 32 MB.
	MaxStreamBytes int64
}

// Store holds log groups and their streams. Its methods may be called at once
// from many goroutines.
type Store struct {
	options Options

	mu     sync.RWMutex
	groups map[string]*group
	closed bool
}

// ErrClosed is what Append answers after Close.
var ErrClosed = errors.New("the log store is closed")

type group struct {
	name    string
	created time.Time
	streams map[string]*stream
}

// Open opens the store in options.Dir, with what earlier processes left there.
func Open(options Options) (*Store, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.MaxStreamBytes <= 0 {
		options.MaxStreamBytes = defaultMaxStreamBytes
	}
	store := &Store{options: options, groups: map[string]*group{}}
	if options.Dir == "" {
		return store, nil
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the logs: %w", err)
	}
	entries, err := os.ReadDir(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("list the log groups: %w", err)
	}
	for _, entry := range entries {
		if err := store.openGroup(entry); err != nil {
			return nil, err
		}
	}
	return store, nil
}

func (s *Store) openGroup(entry os.DirEntry) error {
	name, ours := nameOf(entry.Name())
	if !ours || !entry.IsDir() {
		return nil
	}
	// The directory's modification time changes with each new stream, and no
	// file system in use tells its birth portably: it is near enough.
	info, err := entry.Info()
	if err != nil {
		return fmt.Errorf("open log group %q: %w", name, err)
	}
	opened := &group{name: name, created: info.ModTime(), streams: map[string]*stream{}}
	files, err := os.ReadDir(filepath.Join(s.options.Dir, entry.Name()))
	if err != nil {
		return fmt.Errorf("open log group %q: %w", name, err)
	}
	for _, file := range files {
		stem, isStream := strings.CutSuffix(file.Name(), streamSuffix)
		if name, ours := nameOf(stem); isStream && ours {
			opened.streams[name] = s.newStream(opened.name, name)
		}
	}
	s.groups[name] = opened
	return nil
}

func (s *Store) newStream(group, name string) *stream {
	made := &stream{name: name, maxBytes: s.options.MaxStreamBytes, segment: &memory{}}
	if s.options.Dir != "" {
		made.segment = file{filepath.Join(s.options.Dir, fileName(group), fileName(name)+streamSuffix)}
	}
	return made
}

// Close refuses later appends with ErrClosed. Every append is on disk, as far as
// the operating system keeps its word, when it returns: there is nothing to flush.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// CreateGroup makes a log group, unless it is there.
func (s *Store) CreateGroup(name string) error {
	if err := checkNames(name, "stream"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.groups[name] != nil {
		return nil
	}
	if s.options.Dir != "" {
		if err := os.Mkdir(filepath.Join(s.options.Dir, fileName(name)), 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("make log group %q: %w", name, err)
		}
	}
	s.groups[name] = &group{name: name, created: s.options.Now(), streams: map[string]*stream{}}
	return nil
}

// Append adds one event a line, all of the time at, to a stream, and makes group
// and stream if they are missing. Of a line the first MaxEventBytes are kept.
func (s *Store) Append(group, stream string, at time.Time, lines ...string) error {
	target, err := s.stream(group, stream)
	if err != nil {
		return err
	}
	return target.append(at, s.options.Now(), lines)
}

func (s *Store) stream(groupName, name string) (*stream, error) {
	if found, closed := s.find(groupName, name); closed {
		return nil, ErrClosed
	} else if found != nil {
		return found, nil
	}
	if err := checkNames(groupName, name); err != nil {
		return nil, err
	}
	if err := s.CreateGroup(groupName); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	streams := s.groups[groupName].streams
	if streams[name] == nil {
		streams[name] = s.newStream(groupName, name)
	}
	return streams[name], nil
}

func (s *Store) find(groupName, name string) (found *stream, closed bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if in := s.groups[groupName]; in != nil {
		found = in.streams[name]
	}
	return found, s.closed
}

// streamsOf lists a group's streams in no order; false if there is no such group.
func (s *Store) streamsOf(groupName string) ([]*stream, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := s.groups[groupName]
	if found == nil {
		return nil, false
	}
	streams := make([]*stream, 0, len(found.streams))
	for _, one := range found.streams {
		streams = append(streams, one)
	}
	return streams, true
}
