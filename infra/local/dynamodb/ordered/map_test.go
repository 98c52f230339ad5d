package ordered_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/infra/local/dynamodb/ordered"
)

// TestMapBehavesAsASortedMap compares it with Go's map and sorting, through enough
// entries to split chunks and empty them again.
func TestMapBehavesAsASortedMap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var m ordered.Map[int]
		model := map[string]int{}
		keys := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("%04d", rapid.IntRange(0, 2000).Draw(t, "key")) })
		for i := range rapid.IntRange(0, 1500).Draw(t, "filled") {
			key := fmt.Sprintf("%04d", i*7%2000)
			m.Set(key, i)
			model[key] = i
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				key, value := keys.Draw(t, "key"), rapid.Int().Draw(t, "value")
				m.Set(key, value)
				model[key] = value
			},
			"delete": func(t *rapid.T) {
				key := keys.Draw(t, "key")
				m.Delete(key)
				delete(model, key)
			},
			"delete a range": func(t *rapid.T) {
				low := keys.Draw(t, "low")
				for key := range maps.Clone(model) {
					if key >= low {
						m.Delete(key)
						delete(model, key)
					}
				}
			},
			"get": func(t *rapid.T) {
				key := keys.Draw(t, "key")
				got, found := m.Get(key)
				want, there := model[key]
				if got != want || found != there {
					t.Fatalf("Get(%q) = %d, %t; want %d, %t", key, got, found, want, there)
				}
			},
			"": func(t *rapid.T) {
				low, high := keys.Draw(t, "low"), rapid.OneOf(keys, rapid.Just("")).Draw(t, "high")
				checkRange(t, &m, model, low, high)
			},
		})
	})
}

func checkRange(t *rapid.T, m *ordered.Map[int], model map[string]int, low, high string) {
	want := []string{}
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if key >= low && (high == "" || key < high) {
			want = append(want, key)
		}
	}
	rising, falling := []string{}, []string{}
	for key, value := range m.Ascend(low, high) {
		rising = append(rising, key)
		if value != model[key] {
			t.Fatalf("Ascend yields %q = %d, want %d", key, value, model[key])
		}
	}
	for key := range m.Descend(low, high) {
		falling = append(falling, key)
	}
	slices.Reverse(falling)
	if diff := cmp.Diff(want, rising); diff != "" {
		t.Fatalf("Ascend(%q, %q): %s", low, high, diff)
	}
	if diff := cmp.Diff(want, falling); diff != "" {
		t.Fatalf("Descend(%q, %q): %s", low, high, diff)
	}
	if m.Len() != len(model) {
		t.Fatalf("Len() = %d, want %d", m.Len(), len(model))
	}
}
