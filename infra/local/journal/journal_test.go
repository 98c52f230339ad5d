package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/journal"
)

var records = []string{`{"put":1}`, "", `{"put":"a longer one, with é and \u0000"}`, `{"last":true}`}

// fill writes the records to a new journal and returns its path and content.
func fill(t *testing.T) (string, []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.jsonl")
	j, _ := open(t, path)
	for _, record := range records {
		if err := j.Append([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

func open(t *testing.T, path string) (*journal.Journal, []string) {
	t.Helper()
	read := []string{}
	j, err := journal.Open(path, func(record []byte) error {
		read = append(read, string(record))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // some tests close it earlier
	return j, read
}

func TestOpenGivesBackWhatWasAppended(t *testing.T) {
	t.Parallel()
	path, _ := fill(t)
	j, read := open(t, path)
	if diff := cmp.Diff(records, read); diff != "" {
		t.Error(diff)
	}
	if j.Records() != len(records) {
		t.Errorf("Records() = %d, want %d", j.Records(), len(records))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, want 0600", info.Mode().Perm())
	}
}

// TestOpenDropsATornLastRecord cuts the file at every byte of its last record; the
// journal takes records again afterwards.
func TestOpenDropsATornLastRecord(t *testing.T) {
	t.Parallel()
	path, whole := fill(t)
	lastLine := len("0123abcd ") + len(records[len(records)-1]) + 1
	for cut := len(whole) - lastLine; cut < len(whole); cut++ {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j, read := open(t, path)
		if diff := cmp.Diff(records[:len(records)-1], read); diff != "" {
			t.Fatalf("cut at byte %d: %s", cut, diff)
		}
		if err := errors.Join(j.Append([]byte("next")), j.Close()); err != nil {
			t.Fatal(err)
		}
		_, read = open(t, path)
		if got := read[len(read)-1]; got != "next" {
			t.Fatalf("cut at byte %d: the last record is %q, want the one appended after it", cut, got)
		}
	}
}

// TestOpenRefusesAFileDamagedInTheMiddle turns a bit of each byte of all but the last
// line.
func TestOpenRefusesAFileDamagedInTheMiddle(t *testing.T) {
	t.Parallel()
	path, whole := fill(t)
	lastLine := len("0123abcd ") + len(records[len(records)-1]) + 1
	for at := range len(whole) - lastLine {
		bit := at % 5 // bit 5 alone could turn a checksum's digit into the same in the other case
		damaged := slices.Clone(whole)
		damaged[at] ^= 1 << bit
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := journal.Open(path, func([]byte) error { return nil })
		var damage *journal.DamageError
		if !errors.As(err, &damage) || damage.Path != path || damage.Offset > int64(at) {
			t.Fatalf("bit %d of byte %d turned: got %v, want a DamageError at or before it", bit, at, err)
		}
	}
}

func TestRewriteReplacesTheRecordsAndLeavesNothingElse(t *testing.T) {
	t.Parallel()
	path, _ := fill(t)
	if err := journal.Rewrite(path, slices.Values([][]byte{[]byte("one"), []byte("two")})); err != nil {
		t.Fatal(err)
	}
	_, read := open(t, path)
	if diff := cmp.Diff([]string{"one", "two"}, read); diff != "" {
		t.Error(diff)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v (%v), want the journal alone", entries, err)
	}
}

func TestAppendRefusesALineFeed(t *testing.T) {
	t.Parallel()
	path, _ := fill(t)
	j, _ := open(t, path)
	if err := j.Append([]byte("a\nb")); err == nil {
		t.Error("a record with a line feed was accepted")
	}
}

func FuzzOpenSurvivesAnyFile(f *testing.F) {
	f.Add([]byte("00000000 \n"))
	f.Add([]byte("torn"))
	f.Add([]byte("\n\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "table.jsonl")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := journal.Open(path, func([]byte) error { return nil })
		var damage *journal.DamageError
		switch {
		case err == nil:
			_ = j.Close() // only its opening is looked at
		case !errors.As(err, &damage):
			t.Errorf("got %v, want a DamageError", err)
		}
	})
}
