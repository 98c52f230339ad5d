// Package partition names the days that the pipeline works in: which day, where
// it begins and ends in a time zone, and which day a tick stands for.
package partition

import (
	"cmp"
	"fmt"
	"time"
)

const layout = "2006-01-02"

// Key is one day of the calendar, without a time zone. The zero Key is no day.
// Keys are comparable with ==.
type Key struct {
	year  int
	month time.Month
	day   int
}

// NewKey returns the day that t falls on in t's own location.
func NewKey(t time.Time) Key {
	year, month, day := t.Date()
	return Key{year, month, day}
}

// ParseKey reads a day written as YYYY-MM-DD, and nothing else: no time, no sign,
// no spaces. The day must exist in the Gregorian calendar, in years 0001 to 9999.
func ParseKey(s string) (Key, error) {
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1 {
		return Key{}, fmt.Errorf("partition %q: want a day that exists, as YYYY-MM-DD", s)
	}
	return NewKey(t), nil
}

// MustParseKey is ParseKey for constants: it panics where ParseKey fails.
func MustParseKey(s string) Key {
	k, err := ParseKey(s)
	if err != nil {
		panic(err)
	}
	return k
}

// String writes the day as YYYY-MM-DD; text order is time order.
func (k Key) String() string {
	return fmt.Sprintf("%04d-%02d-%02d", k.year, k.month, k.day)
}

// IsZero tells whether k is the zero Key, which is no day.
func (k Key) IsZero() bool { return k == Key{} }

// Compare is negative where k is before other, positive where it is after.
func (k Key) Compare(other Key) int {
	return cmp.Or(
		cmp.Compare(k.year, other.year),
		cmp.Compare(k.month, other.month),
		cmp.Compare(k.day, other.day),
	)
}

// Before tells whether k is an earlier day than other.
func (k Key) Before(other Key) bool { return k.Compare(other) < 0 }

// AddDays returns the day that is n days later, or earlier for n below 0.
func (k Key) AddDays(n int) Key {
	return NewKey(time.Date(k.year, k.month, k.day+n, 0, 0, 0, 0, time.UTC))
}

// MarshalText writes the day as YYYY-MM-DD.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what ParseKey reads.
func (k *Key) UnmarshalText(text []byte) error {
	parsed, err := ParseKey(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// Days lists the days from first to last, both inclusive, oldest first; nil
// where last is before first.
func Days(first, last Key) []Key {
	var days []Key
	for k := first; !last.Before(k); k = k.AddDays(1) {
		days = append(days, k)
	}
	return days
}
