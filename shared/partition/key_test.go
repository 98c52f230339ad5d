package partition_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/shared/partition"
)

// aKey draws any day from 0001-01-01 to 9999-12-31.
func aKey() *rapid.Generator[partition.Key] {
	return rapid.Custom(func(t *rapid.T) partition.Key {
		return partition.MustParseKey("0001-01-01").AddDays(rapid.IntRange(0, 3_652_058).Draw(t, "day"))
	})
}

func TestParseKeyReadsADayAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2026-02-20", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"} {
		key, err := partition.ParseKey(text)
		if err != nil {
			t.Errorf("ParseKey(%q): %v", text, err)
		}
		if key.String() != text {
			t.Errorf("ParseKey(%q) = %s", text, key)
		}
	}
}

func TestParseKeyRefusesWhatIsNoDay(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":                    "",
		"a day that is not there":  "2026-02-30",
		"a leap day out of place":  "2025-02-29",
		"a century without it":     "1900-02-29",
		"month 0":                  "2026-00-10",
		"month 13":                 "2026-13-01",
		"day 0":                    "2026-01-00",
		"year 0":                   "0000-01-01",
		"five digits of year":      "12026-01-01",
		"two digits of year":       "26-01-01",
		"no leading zero":          "2026-2-20",
		"a space before":           " 2026-02-20",
		"a space after":            "2026-02-20 ",
		"a padded day":             "2026-02- 2",
		"a sign":                   "+2026-02-20",
		"a time":                   "2026-02-20T00:00:00Z",
		"no separators":            "20260220",
		"other separators":         "2026/02/20",
		"digits of another script": "２０２６-02-20",
		"a NUL":                    "2026-02-20\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := partition.ParseKey(text)
			if err == nil {
				t.Fatalf("ParseKey(%q) = %s, want an error", text, key)
			}
			if !key.IsZero() {
				t.Errorf("ParseKey(%q) left %s beside its error", text, key)
			}
			if !strings.Contains(err.Error(), "YYYY-MM-DD") {
				t.Errorf("the error does not say what is wanted: %v", err)
			}
		})
	}
}

func TestMustParseKeyPanicsOnWhatIsNoDay(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	partition.MustParseKey("yesterday")
}

func TestNewKeyIsTheDayInTheTimesOwnLocation(t *testing.T) {
	t.Parallel()
	instant := time.Date(2026, 2, 20, 23, 30, 0, 0, time.UTC)
	if got := partition.NewKey(instant); got.String() != "2026-02-20" {
		t.Errorf("in UTC: %s", got)
	}
	if got := partition.NewKey(instant.In(time.FixedZone("east", 3600))); got.String() != "2026-02-21" {
		t.Errorf("an hour east: %s", got)
	}
}

func TestKeyIsTextInJSON(t *testing.T) {
	t.Parallel()
	type event struct {
		Partition partition.Key         `json:"partition,omitzero"`
		Counts    map[partition.Key]int `json:"counts,omitempty"`
	}
	key := partition.MustParseKey("2026-02-20")
	in := event{key, map[partition.Key]int{key: 3}}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"partition":"2026-02-20","counts":{"2026-02-20":3}}`; string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var out event
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if out.Partition != in.Partition || out.Counts[key] != 3 {
		t.Errorf("read back %+v", out)
	}
}

func TestUnmarshalTextKeepsTheKeyOnError(t *testing.T) {
	t.Parallel()
	key := partition.MustParseKey("2026-02-20")
	if err := key.UnmarshalText([]byte("2026-02-31")); err == nil {
		t.Fatal("no error")
	}
	if key.String() != "2026-02-20" {
		t.Errorf("the key became %s", key)
	}
}

func TestDaysListsBothEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, first, last string
		want              []string
	}{
		{"one day", "2026-02-20", "2026-02-20", []string{"2026-02-20"}},
		{"over a leap day", "2024-02-28", "2024-03-01", []string{"2024-02-28", "2024-02-29", "2024-03-01"}},
		{"over a new year", "2025-12-31", "2026-01-01", []string{"2025-12-31", "2026-01-01"}},
		{"to the last of days", "9999-12-31", "9999-12-31", []string{"9999-12-31"}},
		{"reversed", "2026-02-21", "2026-02-20", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, key := range partition.Days(partition.MustParseKey(c.first), partition.MustParseKey(c.last)) {
				got = append(got, key.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKeyTextReadsBackAndOrdersAsTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := aKey().Draw(t, "a"), aKey().Draw(t, "b")
		if back, err := partition.ParseKey(a.String()); err != nil || back != a {
			t.Fatalf("%s read back as %s, %v", a, back, err)
		}
		if a.Compare(b) != strings.Compare(a.String(), b.String()) {
			t.Fatalf("%s and %s order otherwise as text", a, b)
		}
		if a.Compare(b) != -b.Compare(a) || a.Before(b) != (a.Compare(b) < 0) {
			t.Fatalf("the order of %s and %s contradicts itself", a, b)
		}
	})
}

func TestAddDaysGoesThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := partition.MustParseKey("2026-02-20").AddDays(rapid.IntRange(-20_000, 20_000).Draw(t, "from"))
		n := rapid.IntRange(0, 2_000).Draw(t, "n")
		later := key.AddDays(n)
		if later.AddDays(-n) != key {
			t.Fatalf("%s and %d days is %s, and back is %s", key, n, later, later.AddDays(-n))
		}
		if days := partition.Days(key, later); len(days) != n+1 || days[n] != later {
			t.Fatalf("%d days from %s to %s, want %d", len(days), key, later, n+1)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	for _, seed := range []string{"2026-02-20", "2024-02-29", "2025-02-29", "0000-01-01", "9999-12-31", "2026-2-20", "-001-01-01", "2026-02-20Z", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, err := partition.ParseKey(text)
		if err != nil {
			if !key.IsZero() {
				t.Fatalf("%q: %s beside an error", text, key)
			}
			return
		}
		if key.IsZero() {
			t.Fatalf("%q is the zero key", text)
		}
		if key.String() != text {
			t.Fatalf("%q reads as %s", text, key)
		}
		if key.AddDays(1).AddDays(-1) != key {
			t.Fatalf("%q is not a day of the calendar", text)
		}
	})
}
