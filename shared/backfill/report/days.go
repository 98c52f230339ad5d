package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"delfos/shared/partition"
)

// Days is a list of days. As JSON it is one of strings: "2026-02-20", or where a
// list is shortened "2026-02-20/2026-03-01" for all days from one to the other, and
// last, where some are left out, "… and 120 more".
type Days []partition.Key

// MarshalJSON writes each day; no days are an empty list.
func (d Days) MarshalJSON() ([]byte, error) {
	if d == nil {
		return []byte(`[]`), nil
	}
	return json.Marshal([]partition.Key(d))
}

// maxListed bounds what a shortened list that someone else wrote can stand for.
const maxListed = 1 << 20

// UnmarshalJSON reads what MarshalJSON writes, and shortened lists; days that were
// left out of these are missing.
func (d *Days) UnmarshalJSON(text []byte) error {
	var entries []string
	if err := json.Unmarshal(text, &entries); err != nil {
		return err
	}
	*d = nil
	for _, entry := range entries {
		if strings.HasPrefix(entry, "…") {
			continue
		}
		from, to, isSpan := strings.Cut(entry, "/")
		if !isSpan {
			to = from
		}
		first, err := partition.ParseKey(from)
		if err != nil {
			return err
		}
		last, err := partition.ParseKey(to)
		if err != nil {
			return err
		}
		for key := first; !last.Before(key); key = key.AddDays(1) {
			if len(*d) == maxListed {
				return fmt.Errorf("a list of days: want at most %d", maxListed)
			}
			*d = append(*d, key)
		}
	}
	return nil
}

// stretch is days without a gap.
type stretch struct {
	first, last partition.Key
	days        int
}

// stretches joins neighbouring days, oldest first.
func (d Days) stretches() []stretch {
	var joined []stretch
	for _, key := range slices.SortedFunc(slices.Values(d), partition.Key.Compare) {
		if n := len(joined); n > 0 && joined[n-1].last.AddDays(1) == key {
			joined[n-1].last = key
			joined[n-1].days++
			continue
		}
		joined = append(joined, stretch{key, key, 1})
	}
	return joined
}

// short is the list in at most mostEntries entries, and one more that counts what is
// left out.
func (d Days) short() []string {
	entries := make([]string, 0, min(len(d), mostEntries+1))
	if len(d) <= mostEntries {
		for _, key := range d {
			entries = append(entries, key.String())
		}
		return entries
	}
	left := len(d)
	for _, s := range d.stretches() {
		if len(entries) == mostEntries {
			return append(entries, fmt.Sprintf("… and %d more", left))
		}
		entry := s.first.String()
		if s.last != s.first {
			entry += "/" + s.last.String()
		}
		entries = append(entries, entry)
		left -= s.days
	}
	return entries
}
