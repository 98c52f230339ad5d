package graph

import "strings"

// Sizes in pixels; a box's are even, so that its middle is whole.
const (
	boxHeight  = 44
	barHeight  = 12 // of a Map's items, below its name
	minBox     = 156
	maxBox     = 260
	pillWidth  = 52
	pillHeight = 24
	labelWidth = 220 // at most
	labelRow   = 18
	besideGap  = 24 // between boxes of a layer
	bendGap    = 14 // beside an edge that passes
	loopRoom   = 48 // of a state that leads to itself, half of it on either side
	padding    = 14 // within a box that holds others
	belowGap   = 34 // between layers
	labelGap   = 20 // between a layer and one of labels alone
)

// role is what stands at a place of the drawing.
type role int

const (
	roleState role = iota
	roleStart
	roleEnd
	roleLabel // of an edge
	roleBend  // an edge passes here
)

// node takes a place in a layer.
type node struct {
	role   role
	state  *state
	label  string
	title  string    // of a label: the whole of it
	inner  []*layout // what the state holds, side by side
	onward string    // where its edges go that are not drawn

	width, height float64
	loops         bool
	unreachable   bool

	layer, place int
	x, y         float64 // the middle, and the upper edge
	above, below []*node // what edges join it with in the layers beside its own
}

// room is the width that the node takes in its layer.
func (n *node) room() float64 {
	if n.loops {
		return n.width + loopRoom
	}
	return n.width
}

// edge is one or more transitions from a state to another.
type edge struct {
	from, to *node
	kind     edgeKind
	label    string
	back     bool    // it leads up
	path     []*node // from the upper end to the lower, with a node in each layer
}

// upper and lower are the ends as they are drawn.
func (e *edge) upper() *node {
	if e.back {
		return e.to
	}
	return e.from
}

func (e *edge) lower() *node {
	if e.back {
		return e.from
	}
	return e.to
}

// span is how many layers the edge takes at least: one more for its label.
func (e *edge) span() int {
	if e.label != "" {
		return 2
	}
	return 1
}

// layout is one machine laid out. Its upper left corner is 0, 0.
type layout struct {
	nodes         []*node // states in the definition's order, start and end, then labels and bends
	edges         []*edge
	layers        [][]*node
	width, height float64
}

// layOut lays out a machine; the outermost has a start and an end.
func layOut(m *machine, outermost bool) *layout {
	l := &layout{}
	l.join(m, l.addStates(m), outermost)
	l.turnCycles()
	l.layer()
	if l.tooMany() {
		l.column()
	}
	l.bend()
	l.order()
	l.placeAcross()
	l.placeDown()
	return l
}

func (l *layout) addStates(m *machine) map[string]*node {
	byName := make(map[string]*node, len(m.states))
	for _, s := range m.states {
		n := &node{role: roleState, state: s, height: boxHeight}
		n.width = even(min(max(textWidth(s.name, boldSize)+50, minBox), maxBox))
		for _, inner := range s.inner {
			if len(inner.states) > 0 {
				n.inner = append(n.inner, layOut(inner, false))
			}
		}
		n.holdInner()
		byName[s.name] = n
		l.nodes = append(l.nodes, n)
	}
	return byName
}

// holdInner makes the box as large as what it holds needs.
func (n *node) holdInner() {
	if n.state.kind == "Map" {
		n.height += barHeight
	}
	width, height := 0.0, 0.0
	for _, inner := range n.inner {
		width += inner.width + padding
		height = max(height, inner.height)
	}
	if len(n.inner) > 0 {
		n.width = even(max(n.width, width+padding))
		n.height += height + padding
	}
}

// join makes the edges: one between two states, whatever the number of transitions.
func (l *layout) join(m *machine, byName map[string]*node, outermost bool) {
	for _, n := range l.nodes {
		l.leave(n, byName)
	}
	start := byName[m.startAt]
	l.markUnreachable(start)
	if !outermost {
		return
	}
	if start != nil {
		begin := &node{role: roleStart, label: "Start", width: pillWidth, height: pillHeight}
		l.nodes = append(l.nodes, begin)
		l.edges = append([]*edge{{from: begin, to: start, kind: edgeNext}}, l.edges...)
	}
	end := &node{role: roleEnd, label: "End", width: pillWidth, height: pillHeight}
	for _, n := range l.nodes {
		if n.role == roleState && n.state.ends && !n.unreachable {
			l.edges = append(l.edges, &edge{from: n, to: end, kind: edgeNext})
		}
	}
	l.nodes = append(l.nodes, end)
}

// leave makes the edges that leave a state.
func (l *layout) leave(n *node, byName map[string]*node) {
	made := map[*node]*edge{}
	for _, t := range n.state.targets {
		to := byName[t.name]
		if to == nil {
			continue
		}
		n.loops = n.loops || to == n
		e := made[to]
		if e == nil {
			e = &edge{from: n, to: to, kind: t.kind}
			made[to] = e
			l.edges = append(l.edges, e)
		}
		if t.label != "" && e.label != "" {
			e.label += " or " + t.label
		} else {
			e.label = strings.TrimSpace(e.label + t.label)
		}
	}
}

// markUnreachable marks what no transition leads to from the start.
func (l *layout) markUnreachable(start *node) {
	next := l.following()
	reached := map[*node]bool{}
	stack := []*node{start}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n == nil || reached[n] {
			continue
		}
		reached[n] = true
		for _, e := range next[n] {
			stack = append(stack, e.to)
		}
	}
	for _, n := range l.nodes {
		n.unreachable = !reached[n]
	}
}

// following is the edges that leave each node.
func (l *layout) following() map[*node][]*edge {
	next := map[*node][]*edge{}
	for _, e := range l.edges {
		next[e.from] = append(next[e.from], e)
	}
	return next
}
