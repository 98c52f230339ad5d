// Package ordered holds a map sorted by its string keys.
package ordered

import (
	"cmp"
	"iter"
	"slices"
)

// maxChunk bounds the entries of a chunk: an insertion moves at most this many.
const maxChunk = 512

type entry[V any] struct {
	key   string
	value V
}

// Map is a map in the byte order of its keys. Get, Set and Delete take time
// logarithmic in its length, but for a move within one chunk. The zero Map is
// empty. It is not safe for concurrent writes.
type Map[V any] struct {
	chunks [][]entry[V] // none empty; sorted within and among each other
	length int
}

// Len is the number of entries.
func (m *Map[V]) Len() int { return m.length }

// Get returns the value of key, and whether there is one.
func (m *Map[V]) Get(key string) (V, bool) {
	chunk, at, found := m.find(key)
	if !found {
		var none V
		return none, false
	}
	return m.chunks[chunk][at].value, true
}

// Set gives key a value in place of the one that it had.
func (m *Map[V]) Set(key string, value V) {
	chunk, at, found := m.find(key)
	if found {
		m.chunks[chunk][at].value = value
		return
	}
	m.length++
	if len(m.chunks) == 0 {
		m.chunks = append(m.chunks, nil)
	}
	entries := slices.Insert(m.chunks[chunk], at, entry[V]{key, value})
	m.chunks[chunk] = entries
	if len(entries) > maxChunk {
		half := len(entries) / 2
		m.chunks[chunk] = slices.Clip(entries[:half])
		m.chunks = slices.Insert(m.chunks, chunk+1, slices.Clone(entries[half:]))
	}
}

// Delete removes key, where it is there.
func (m *Map[V]) Delete(key string) {
	chunk, at, found := m.find(key)
	if !found {
		return
	}
	m.length--
	m.chunks[chunk] = slices.Delete(m.chunks[chunk], at, at+1)
	if len(m.chunks[chunk]) == 0 {
		m.chunks = slices.Delete(m.chunks, chunk, chunk+1)
	}
}

// Ascend yields the entries with low <= key < high in rising order; an empty high
// is no bound. The map must not change meanwhile.
func (m *Map[V]) Ascend(low, high string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		chunk, at, _ := m.find(low)
		for ; chunk < len(m.chunks); chunk, at = chunk+1, 0 {
			for _, e := range m.chunks[chunk][at:] {
				if high != "" && e.key >= high || !yield(e.key, e.value) {
					return
				}
			}
		}
	}
}

// Descend yields what Ascend yields, in falling order.
func (m *Map[V]) Descend(low, high string) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		chunk, at := len(m.chunks)-1, 0
		if high != "" {
			chunk, at, _ = m.find(high)
		} else if chunk >= 0 {
			at = len(m.chunks[chunk])
		}
		for ; chunk >= 0; chunk-- {
			for at--; at >= 0; at-- {
				e := m.chunks[chunk][at]
				if e.key < low || !yield(e.key, e.value) {
					return
				}
			}
			if chunk > 0 {
				at = len(m.chunks[chunk-1])
			}
		}
	}
}

// find returns where key is, or where it belongs: in the last chunk that begins at
// or before it.
func (m *Map[V]) find(key string) (chunk, at int, found bool) {
	after, exact := slices.BinarySearchFunc(m.chunks, key, func(entries []entry[V], key string) int {
		return cmp.Compare(entries[0].key, key)
	})
	if exact {
		return after, 0, true
	}
	chunk = max(after-1, 0)
	if len(m.chunks) == 0 {
		return 0, 0, false
	}
	at, found = slices.BinarySearchFunc(m.chunks[chunk], key, func(e entry[V], key string) int {
		return cmp.Compare(e.key, key)
	})
	return chunk, at, found
}
