package graph

import (
	"cmp"
	"slices"
)

// sweeps is how often the layers' orders are improved, down and up.
const sweeps = 12

// order puts the nodes of each layer in an order with few crossings: each is moved to
// the mean place of its neighbours (Sugiyama, Tagawa and Toda, 1981), and the best order met
// is kept.
func (l *layout) order() {
	l.fillLayers()
	best, fewest := l.places(), l.crossings()
	for i := 0; i < sweeps && fewest > 0; i++ {
		l.sweep(i%2 == 0)
		if now := l.crossings(); now < fewest {
			best, fewest = l.places(), now
		}
	}
	for n, place := range best {
		n.place = place
	}
	for _, layer := range l.layers {
		slices.SortFunc(layer, func(a, b *node) int { return cmp.Compare(a.place, b.place) })
	}
}

// fillLayers takes the nodes in the order in which a walk from the start comes by.
func (l *layout) fillLayers() {
	depth := 0
	for _, n := range l.nodes {
		depth = max(depth, n.layer+1)
	}
	l.layers = make([][]*node, depth)
	seen := map[*node]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if seen[n] {
			return
		}
		seen[n] = true
		n.place = len(l.layers[n.layer])
		l.layers[n.layer] = append(l.layers[n.layer], n)
		for _, next := range n.below {
			walk(next)
		}
	}
	for _, reachable := range []bool{true, false} {
		for _, n := range l.nodes {
			if len(n.above) == 0 && n.unreachable != reachable {
				walk(n)
			}
		}
	}
}

func (l *layout) places() map[*node]int {
	places := make(map[*node]int, len(l.nodes))
	for _, n := range l.nodes {
		places[n] = n.place
	}
	return places
}

func (l *layout) sweep(down bool) {
	for i := range l.layers {
		layer := l.layers[i]
		if !down {
			layer = l.layers[len(l.layers)-1-i]
		}
		wanted := make(map[*node]float64, len(layer))
		for _, n := range layer {
			neighbours := n.above
			if !down {
				neighbours = n.below
			}
			wanted[n] = meanPlace(neighbours, float64(n.place))
		}
		slices.SortStableFunc(layer, func(a, b *node) int { return cmp.Compare(wanted[a], wanted[b]) })
		for place, n := range layer {
			n.place = place
		}
	}
}

func meanPlace(neighbours []*node, none float64) float64 {
	if len(neighbours) == 0 {
		return none
	}
	sum := 0
	for _, n := range neighbours {
		sum += n.place
	}
	return float64(sum) / float64(len(neighbours))
}

// crossings counts the pairs of edges that cross.
func (l *layout) crossings() int {
	total := 0
	for i := 1; i < len(l.layers); i++ {
		var ends [][2]int
		for _, upper := range l.layers[i-1] {
			for _, lower := range upper.below {
				ends = append(ends, [2]int{upper.place, lower.place})
			}
		}
		slices.SortFunc(ends, func(a, b [2]int) int {
			return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
		})
		total += inversions(ends, len(l.layers[i]))
	}
	return total
}

// inversions counts the pairs whose second places are in the other order, with a Fenwick
// tree over these.
func inversions(ends [][2]int, places int) int {
	tree := make([]int, places+1)
	total := 0
	for seen, end := range ends {
		notAfter := 0
		for i := end[1] + 1; i > 0; i -= i & -i {
			notAfter += tree[i]
		}
		total += seen - notAfter
		for i := end[1] + 1; i < len(tree); i += i & -i {
			tree[i]++
		}
	}
	return total
}
