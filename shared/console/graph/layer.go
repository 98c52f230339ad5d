package graph

import "strings"

// What is drawn in layers at most; a larger machine is drawn as a column.
const (
	maxStates = 300
	maxBends  = 3000
)

// turnCycles finds the edges that lead back to a state on the way to them, so that the
// others have no cycles; the search takes the states in order, from the start on.
func (l *layout) turnCycles() {
	next := l.following()
	const onTheWay, done = 1, 2
	state := map[*node]int{}
	type step struct {
		n  *node
		at int
	}
	visit := func(root *node) {
		state[root] = onTheWay
		stack := []step{{root, 0}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.at == len(next[top.n]) {
				state[top.n] = done
				stack = stack[:len(stack)-1]
				continue
			}
			e := next[top.n][top.at]
			top.at++
			switch state[e.to] {
			case onTheWay:
				e.back = true
			case done:
			default:
				state[e.to] = onTheWay
				stack = append(stack, step{e.to, 0})
			}
		}
	}
	for _, reachable := range []bool{true, false} {
		for _, e := range l.edges {
			if state[e.from] == 0 && e.from.unreachable != reachable {
				visit(e.from)
			}
		}
	}
}

// layer puts each node below all that lead to it, and what nothing leads to right above
// what it leads to.
func (l *layout) layer() {
	below := map[*node][]*edge{}
	waiting := map[*node]int{}
	for _, e := range l.edges {
		if e.from != e.to {
			below[e.upper()] = append(below[e.upper()], e)
			waiting[e.lower()]++
		}
	}
	var ready, sources []*node
	for _, n := range l.nodes {
		if waiting[n] == 0 {
			ready = append(ready, n)
		}
	}
	sources = append(sources, ready...)
	for len(ready) > 0 {
		n := ready[0]
		ready = ready[1:]
		for _, e := range below[n] {
			to := e.lower()
			to.layer = max(to.layer, n.layer+e.span())
			if waiting[to]--; waiting[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	for _, n := range sources {
		lowest := -1
		for _, e := range below[n] {
			if at := e.lower().layer - e.span(); lowest < 0 || at < lowest {
				lowest = at
			}
		}
		n.layer = max(lowest, 0)
	}
}

// tooMany tells whether the machine is too large to be drawn in layers.
func (l *layout) tooMany() bool {
	bends := 0
	for _, e := range l.edges {
		bends += max(e.lower().layer-e.upper().layer-1, 0)
	}
	return len(l.nodes) > maxStates || bends > maxBends
}

// column puts the nodes below each other in the definition's order. It keeps the edges
// between neighbours; where the others lead is written in the boxes.
func (l *layout) column() {
	row := 0
	put := func(which role) {
		for _, n := range l.nodes {
			if n.role == which {
				n.layer = 2 * row
				row++
			}
		}
	}
	put(roleStart)
	put(roleState)
	put(roleEnd)
	var kept []*edge
	for _, e := range l.edges {
		switch distance := e.to.layer - e.from.layer; {
		case distance == 0:
			kept = append(kept, e)
		case distance == 2:
			e.back = false
			kept = append(kept, e)
		case e.to.role == roleState && e.from.role == roleState:
			e.from.onward = strings.TrimPrefix(e.from.onward+", "+e.to.state.name, ", ")
		}
	}
	l.edges = kept
}

// bend gives each edge a node in every layer that it passes; one of them has its label.
func (l *layout) bend() {
	for _, e := range l.edges {
		if e.from == e.to {
			continue
		}
		upper, lower := e.upper(), e.lower()
		e.path = append(e.path, upper)
		for layer := upper.layer + 1; layer < lower.layer; layer++ {
			n := &node{role: roleBend, layer: layer}
			besideFrom := layer == upper.layer+1 && !e.back || layer == lower.layer-1 && e.back
			if besideFrom && e.label != "" {
				n.role, n.title, n.label = roleLabel, e.label, cut(e.label, labelWidth-12, noteSize)
				n.width, n.height = even(textWidth(n.label, noteSize)+12), labelRow
			}
			l.nodes = append(l.nodes, n)
			e.path = append(e.path, n)
		}
		e.path = append(e.path, lower)
		for i := 1; i < len(e.path); i++ {
			a, b := e.path[i-1], e.path[i]
			a.below, b.above = append(a.below, b), append(b.above, a)
		}
	}
}
