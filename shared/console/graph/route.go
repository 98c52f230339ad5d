package graph

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

const (
	portGap   = 14 // between edges at one side of a box
	portInset = 18 // of the ports from the corners
	arrow     = 6  // the length of an arrowhead
)

// port is where an edge touches a side of a box.
type port struct {
	e      *edge
	n      *node
	lower  bool // the box is the edge's lower end, so that it is the upper side
	wanted float64
}

// ports finds the x at which each edge leaves and enters, by edge and whether it is the
// lower end: straight below what it comes from, where that is possible.
func (l *layout) ports() map[*edge][2]float64 {
	sides := map[*node][2][]port{}
	add := func(p port) {
		at := sides[p.n]
		if p.lower {
			at[1] = append(at[1], p)
		} else {
			at[0] = append(at[0], p)
		}
		sides[p.n] = at
	}
	for _, e := range l.edges {
		if len(e.path) < 2 {
			continue
		}
		upper, lower := e.path[0], e.path[len(e.path)-1]
		add(port{e, upper, false, meeting(upper, e.path[1])})
		add(port{e, lower, true, meeting(lower, e.path[len(e.path)-2])})
	}
	found := make(map[*edge][2]float64, len(l.edges))
	for n, both := range sides {
		for side, ports := range both {
			for i, x := range spreadPorts(n, ports) {
				at := found[ports[i].e]
				at[side] = x
				found[ports[i].e] = at
			}
		}
	}
	return found
}

// meeting is the x at which two nodes would like to be joined: in the middle of what both
// have above each other.
func meeting(n, other *node) float64 {
	if other.role >= roleLabel {
		return other.x
	}
	return (n.x + other.x) / 2
}

// spreadPorts orders the ports of a side by where they lead, and finds their places.
func spreadPorts(n *node, ports []port) []float64 {
	slices.SortStableFunc(ports, func(a, b port) int { return cmp.Compare(a.wanted, b.wanted) })
	inset := min(portInset, n.width/2)
	low, high := n.x-n.width/2+inset, n.x+n.width/2-inset
	gap := float64(portGap)
	if len(ports) > 1 {
		gap = min(gap, (high-low)/float64(len(ports)-1))
	}
	wanted, weights, apart := make([]float64, len(ports)), make([]float64, len(ports)), make([]float64, len(ports))
	for i, p := range ports {
		wanted[i], weights[i], apart[i] = min(max(p.wanted, low), high), 1, gap
	}
	places := spread(wanted, weights, apart)
	if len(places) == 0 {
		return nil
	}
	// All of them shift where pooling has pushed one over the edge.
	shift := max(low-places[0], 0) + min(high-places[len(places)-1], 0)
	for i := range places {
		places[i] = math.Round(places[i] + shift)
	}
	return places
}

// line writes the path of an edge, and its arrowhead.
func (l *layout) line(e *edge, at [2]float64) (path, head string) {
	upper, lower := e.path[0], e.path[len(e.path)-1]
	begin, end := upper.y+upper.height, lower.y
	head = head3(at[1], end, -arrow)
	if e.back {
		head = head3(at[0], begin, arrow)
		begin += arrow
	} else {
		end -= arrow
	}
	var b strings.Builder
	x, floor := at[0], l.floor(upper.layer)
	fmt.Fprintf(&b, "M%s %sV%s", number(x), number(begin), number(floor))
	for _, n := range e.path[1 : len(e.path)-1] {
		curve(&b, x, floor, n.x, l.ceiling(n.layer))
		x, floor = n.x, l.floor(n.layer)
		fmt.Fprintf(&b, "V%s", number(floor))
	}
	ceiling := min(l.ceiling(lower.layer), end)
	curve(&b, x, floor, at[1], ceiling)
	fmt.Fprintf(&b, "V%s", number(end))
	return b.String(), head
}

// curve goes on from the lower edge of a layer to the upper edge of the next.
func curve(b *strings.Builder, x, y, toX, toY float64) {
	if x == toX {
		fmt.Fprintf(b, "V%s", number(toY))
		return
	}
	middle := (y + toY) / 2
	fmt.Fprintf(b, "C%s %s %s %s %s %s", number(x), number(middle), number(toX), number(middle), number(toX), number(toY))
}

// head3 is an arrowhead with its point at x, y.
func head3(x, y, length float64) string {
	return fmt.Sprintf("M%s %sl-4 %sh8z", number(x), number(y), number(length))
}

// ceiling and floor are the edges of a layer: of its tallest node.
func (l *layout) ceiling(layer int) float64 {
	y := math.Inf(1)
	for _, n := range l.layers[layer] {
		y = min(y, n.y)
	}
	return y
}

func (l *layout) floor(layer int) float64 {
	y := 0.0
	for _, n := range l.layers[layer] {
		y = max(y, n.y+n.height)
	}
	return y
}

// number writes a coordinate with at most one digit after the point.
func number(x float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", x), ".0")
}
