package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/journal"
)

// changeDocument is a record of a table's journal. The first holds the definition,
// as does one for each change to it.
type changeDocument struct {
	Table  *definition   `json:"table,omitempty"`
	Put    attribute.Map `json:"put,omitempty"`
	Delete attribute.Map `json:"delete,omitempty"` // the key
}

const tableFileSuffix = ".jsonl"

// createTable makes a table and, on disk, its file.
func createTable(d definition, options Options) (*table, error) {
	t := newTable(d, options.Now)
	if options.Dir == "" {
		return t, nil
	}
	path := filepath.Join(options.Dir, fileName(d))
	log, err := journal.Open(path, func([]byte) error { return errors.New("the file belongs to another table") })
	if err != nil {
		return nil, err
	}
	t.journal = log
	if err := t.logDefinition(d); err != nil {
		return nil, errors.Join(err, log.Close(), os.Remove(path))
	}
	return t, nil
}

// fileName tells people whose file it is; the id keeps it apart from a table of the
// same name in other letters, where file names have no case.
func fileName(d definition) string {
	const longest = 64
	name := strings.ToLower(strings.TrimLeft(d.TableName, "."))
	return name[:min(len(name), longest)] + "-" + d.TableID + tableFileSuffix
}

// openTable reads a table back, nil where its creation was never finished, and
// compacts its file where most of it is history.
func openTable(path string, options Options) (*table, error) {
	t, log, err := replay(path, options)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, errors.Join(log.Close(), os.Remove(path))
	}
	t.journal = log
	const worthwhile = 1000
	if live := t.primary.entries.Len() + 1; log.Records() <= 2*live+worthwhile {
		return t, nil
	}
	if err := errors.Join(log.Close(), journal.Rewrite(path, t.liveRecords())); err != nil {
		return nil, err
	}
	if t, log, err = replay(path, options); err != nil {
		return nil, err
	}
	t.journal = log
	return t, nil
}

func replay(path string, options Options) (*table, *journal.Journal, error) {
	var t *table
	log, err := journal.Open(path, func(record []byte) error {
		var change changeDocument
		if err := json.Unmarshal(record, &change); err != nil {
			return err
		}
		if change.Table != nil && t == nil {
			t = newTable(*change.Table, options.Now)
			return nil
		}
		if t == nil {
			return errors.New("the definition of the table is missing")
		}
		return t.redo(change)
	})
	return t, log, err
}

func (t *table) redo(change changeDocument) error {
	if change.Table != nil {
		t.definition = *change.Table
		return nil
	}
	key := change.Delete
	if change.Put != nil {
		if err := t.checkItem(change.Put); err != nil {
			return fmt.Errorf("a stored item does not fit its table: %w", err)
		}
		key = t.primary.keys.of(change.Put)
	}
	if err := t.primary.keys.checkKey(key); err != nil {
		return fmt.Errorf("a stored key does not fit its table: %w", err)
	}
	before, _ := t.primary.entries.Get(t.primary.entryKey(key))
	t.replace(before, change.Put)
	return nil
}

// liveRecords are the records of a compacted file: what has expired is left out.
func (t *table) liveRecords() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		definition, err := json.Marshal(changeDocument{Table: &t.definition})
		if err != nil {
			panic(err) // a definition that was read marshals
		}
		if !yield(definition) {
			return
		}
		for _, r := range t.primary.entries.Ascend("", "") {
			if !t.expired(r) && !yield(appendChange(nil, "put", r.item)) {
				return
			}
		}
	}
}

func appendChange(dst []byte, kind string, of attribute.Map) []byte {
	dst = append(strconv.AppendQuote(append(dst, '{'), kind), ':')
	return append(of.AppendJSON(dst), '}')
}

// log records the write of an item, or the deletion of the one with this key, where
// item is nil.
func (t *table) log(key, item attribute.Map) error {
	if t.journal == nil {
		return nil
	}
	if item != nil {
		return t.journal.Append(appendChange(nil, "put", item))
	}
	return t.journal.Append(appendChange(nil, "delete", t.primary.keys.of(key)))
}

func (t *table) logDefinition(d definition) error {
	if t.journal == nil {
		return nil
	}
	record, err := json.Marshal(changeDocument{Table: &d})
	if err != nil {
		return fmt.Errorf("write down table %s: %w", d.TableName, err)
	}
	return t.journal.Append(record)
}

// close ends the use of the table; later operations on it find nothing.
func (t *table) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone = true
	if t.journal == nil {
		return nil
	}
	return t.journal.Close()
}

// drop closes the table and removes its file.
func (t *table) drop() error {
	if err := t.close(); err != nil || t.journal == nil {
		return err
	}
	return os.Remove(t.journal.Path())
}
