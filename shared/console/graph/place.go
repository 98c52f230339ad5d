package graph

import "math"

// rounds is how often each node is moved between its neighbours.
const rounds = 24

// placeAcross finds each node's x: as near to the middle of its neighbours as the others of
// its layer let it, edges that pass straight before all.
func (l *layout) placeAcross() {
	for _, layer := range l.layers {
		x := 0.0
		for i, n := range layer {
			if i > 0 {
				x += distance(layer[i-1], n)
			}
			n.x = x
		}
		for _, n := range layer {
			n.x -= x / 2
		}
	}
	for i := range rounds {
		for j := range l.layers {
			if i%2 == 1 {
				j = len(l.layers) - 1 - j
			}
			settle(l.layers[j])
		}
	}
	l.straighten()
	left, right := 0.0, 0.0
	for i, n := range l.nodes {
		a, b := n.x-n.room()/2, n.x+n.room()/2
		if i == 0 {
			left, right = a, b
		}
		left, right = min(left, a), max(right, b)
	}
	for _, n := range l.nodes {
		n.x = math.Round(n.x - left)
	}
	l.width = even(math.Ceil(right - left))
}

// straighten puts what an edge passes on one line, where the others leave it room.
func (l *layout) straighten() {
	for range 3 {
		for _, e := range l.edges {
			if len(e.path) > 3 {
				l.align(e.path[1 : len(e.path)-1])
			}
		}
	}
}

// align moves the nodes to one x, if there is one that all can have.
func (l *layout) align(chain []*node) {
	low, high, sum := math.Inf(-1), math.Inf(1), 0.0
	for _, n := range chain {
		layer := l.layers[n.layer]
		if n.place > 0 {
			low = max(low, layer[n.place-1].x+distance(layer[n.place-1], n))
		}
		if n.place < len(layer)-1 {
			high = min(high, layer[n.place+1].x-distance(n, layer[n.place+1]))
		}
		sum += n.x
	}
	if low > high {
		return
	}
	x := min(max(sum/float64(len(chain)), low), high)
	for _, n := range chain {
		n.x = x
	}
}

// distance is what the middles of two neighbours keep from each other.
func distance(a, b *node) float64 {
	gap := float64(besideGap)
	if a.role == roleBend || b.role == roleBend {
		gap = bendGap
	}
	return (a.room()+b.room())/2 + gap
}

// settle moves a layer's nodes towards the middles of their neighbours.
func settle(layer []*node) {
	wanted, weights := make([]float64, len(layer)), make([]float64, len(layer))
	apart := make([]float64, len(layer))
	for i, n := range layer {
		wanted[i], weights[i] = n.middle()
		if i > 0 {
			apart[i] = distance(layer[i-1], n)
		}
	}
	for i, x := range spread(wanted, weights, apart) {
		layer[i].x = x
	}
}

// middle is where the node's neighbours pull it to, and how much.
func (n *node) middle() (x, weight float64) {
	for _, neighbours := range [][]*node{n.above, n.below} {
		for _, other := range neighbours {
			pull := 1.0
			if n.role >= roleLabel {
				pull *= 3
			}
			if other.role >= roleLabel {
				pull *= 3
			}
			x += pull * other.x
			weight += pull
		}
	}
	if weight == 0 {
		return n.x, 0.1
	}
	return x / weight, weight
}

// spread is the places nearest to those wanted, by weighted squares, of which each is at
// least apart[i] after the one before: isotonic regression by pooling neighbours.
func spread(wanted, weights, apart []float64) []float64 {
	type pool struct {
		mean, weight float64
		size         int
	}
	var pools []pool
	offset := 0.0
	offsets := make([]float64, len(wanted))
	for i := range wanted {
		offset += apart[i]
		offsets[i] = offset
		next := pool{wanted[i] - offset, weights[i], 1}
		for len(pools) > 0 && pools[len(pools)-1].mean >= next.mean {
			last := pools[len(pools)-1]
			pools = pools[:len(pools)-1]
			sum := last.weight + next.weight
			next = pool{(last.mean*last.weight + next.mean*next.weight) / sum, sum, last.size + next.size}
		}
		pools = append(pools, next)
	}
	places := make([]float64, 0, len(wanted))
	for _, p := range pools {
		for range p.size {
			places = append(places, p.mean+offsets[len(places)])
		}
	}
	return places
}

// placeDown finds each node's y: its layer's, in the middle of the layer's height.
func (l *layout) placeDown() {
	y, wasLabels := 0.0, false
	for i, layer := range l.layers {
		labels, height := len(layer) > 0, 0.0
		for _, n := range layer {
			labels = labels && n.role >= roleLabel
			height = max(height, n.height)
		}
		switch {
		case len(layer) == 0:
			continue
		case i > 0 && (labels || wasLabels):
			y += labelGap
		case i > 0:
			y += belowGap
		}
		for _, n := range layer {
			n.y = y + math.Floor((height-n.height)/2)
		}
		y += height
		wasLabels = labels
	}
	l.height = y
}

func even(x float64) float64 { return 2 * math.Ceil(x/2) }
