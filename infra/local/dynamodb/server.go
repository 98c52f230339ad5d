// Package dynamodb is Amazon DynamoDB in one process: tables with secondary
// indexes, the expression language, conditional writes, queries, scans and time to
// live, served by package awsjson and kept on disk. It refuses by name what it does
// not do: transactions, streams, PartiQL, backups, and the legacy parameters that
// expressions replace.
package dynamodb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"delfos/infra/local/awsjson"
)

// Options say where the tables live. Only Dir has a meaning when empty.
type Options struct {
	Dir       string           // of the tables' files; empty keeps them in memory
	Region    string           // in ARNs; us-east-1 when empty
	AccountID string           // in ARNs; 000000000000 when empty
	Now       func() time.Time // time.Now when nil
}

// Server answers DynamoDB's operations. It is safe for concurrent use.
type Server struct {
	options    Options
	lock       *os.File // nil in memory
	operations map[string]operation

	mu     sync.RWMutex
	tables map[string]*table
}

type operation func(body []byte) (any, error)

// Open starts DynamoDB on the tables in options.Dir, which it creates where it is
// missing and holds until Close: a second Open of it fails. A damaged file is a
// *journal.DamageError that names it.
func Open(options Options) (*Server, error) {
	if options.Region == "" {
		options.Region = "us-east-1"
	}
	if options.AccountID == "" {
		options.AccountID = "000000000000"
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &Server{options: options, tables: map[string]*table{}}
	s.operations = map[string]operation{
		"BatchGetItem":       answer(s.batchGetItem),
		"BatchWriteItem":     answer(s.batchWriteItem),
		"CreateTable":        answer(s.createTable),
		"DeleteItem":         answer(s.deleteItem),
		"DeleteTable":        answer(s.deleteTable),
		"DescribeTable":      answer(s.describeTable),
		"DescribeTimeToLive": answer(s.describeTimeToLive),
		"GetItem":            answer(s.getItem),
		"ListTables":         answer(s.listTables),
		"PutItem":            answer(s.putItem),
		"Query":              answer(s.query),
		"Scan":               answer(s.scan),
		"UpdateItem":         answer(s.updateItem),
		"UpdateTimeToLive":   answer(s.updateTimeToLive),
	}
	if options.Dir == "" {
		return s, nil
	}
	if err := s.openDirectory(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func answer[Request, Answer any](carryOut func(Request) (Answer, error)) operation {
	return func(body []byte) (any, error) {
		request, err := awsjson.Decode[Request](body)
		if err != nil {
			return nil, err
		}
		return carryOut(request)
	}
}

func (s *Server) openDirectory() error {
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return fmt.Errorf("open DynamoDB's directory: %w", err)
	}
	lock, err := lockDirectory(s.options.Dir)
	if err != nil {
		return err
	}
	s.lock = lock
	entries, err := os.ReadDir(s.options.Dir)
	if err != nil {
		return fmt.Errorf("list DynamoDB's directory: %w", err)
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != tableFileSuffix {
			continue
		}
		if err := s.openFile(filepath.Join(s.options.Dir, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) openFile(path string) error {
	t, err := openTable(path, s.options)
	if err != nil || t == nil {
		return err
	}
	if other, taken := s.tables[t.definition.TableName]; taken {
		return errors.Join(
			fmt.Errorf("both %s and %s hold table %s; remove the one that is not wanted", other.journal.Path(), path, t.definition.TableName),
			t.journal.Close())
	}
	s.tables[t.definition.TableName] = t
	return nil
}

// TargetPrefix begins each X-Amz-Target of DynamoDB's.
const TargetPrefix = "DynamoDB_20120810"

// TargetPrefix is the constant of the name, for awsjson.Service.
func (s *Server) TargetPrefix() string { return TargetPrefix }

// Call carries out one operation; its errors are *awsjson.Error, but for those of
// the disk.
func (s *Server) Call(ctx context.Context, name string, body []byte) (any, error) {
	carryOut, ok := s.operations[name]
	if !ok {
		return nil, awsjson.UnknownOperation("DynamoDB", name)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return carryOut(body)
}

// Close waits for the writes under way and closes the files. Every later call
// finds no tables.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failures []error
	for _, t := range s.tables {
		failures = append(failures, t.close())
	}
	s.tables = map[string]*table{}
	if s.lock != nil {
		failures = append(failures, unlockDirectory(s.lock))
		s.lock = nil
	}
	return errors.Join(failures...)
}

// table finds a table by its name or its ARN.
func (s *Server) table(name *string) (*table, error) {
	if name == nil {
		return nil, invalid("1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.tables[strings.TrimPrefix(*name, s.tableARN(""))]
	if !ok {
		return nil, errNotFound()
	}
	return t, nil
}

func (s *Server) tableARN(name string) string {
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", s.options.Region, s.options.AccountID, name)
}

func errNotFound() error {
	return awsjson.Errorf("ResourceNotFoundException", "Requested resource not found")
}

func errTableNotFound(name string) error {
	return awsjson.Errorf("ResourceNotFoundException", "Requested resource not found: Table: %s not found", name)
}

func invalid(format string, args ...any) error {
	return awsjson.Errorf("ValidationException", format, args...)
}

// newTableID makes a random UUID, version 4.
func newTableID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand.Read)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

var _ awsjson.Service = (*Server)(nil)
