package graph

import (
	"fmt"
	"html/template"
	"strings"
)

const margin = 8 // around the drawing

// drawing writes SVG.
type drawing struct {
	strings.Builder
	live map[string]Live
}

// svg draws the whole machine.
func (l *layout) svg(title string, live map[string]Live) template.HTML {
	d := &drawing{live: live}
	width, height := l.width+2*margin, l.height+2*margin
	d.print(`<svg class="graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-label="%s">`,
		number(width), number(height), number(width), number(height), title)
	d.layout(l, margin, margin)
	d.WriteString("</svg>")
	return d.html()
}

// html is what was written, in which every text was escaped by print.
func (d *drawing) html() template.HTML {
	return template.HTML(d.String()) //nolint:gosec // print has escaped every text
}

// print writes markup with arguments, of which texts are escaped.
func (d *drawing) print(format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = template.HTMLEscapeString(text)
		}
	}
	fmt.Fprintf(d, format, args...)
}

// layout draws a machine with its corner at x, y: edges first, so that boxes lie on them.
func (d *drawing) layout(l *layout, x, y float64) {
	d.print(`<g transform="translate(%s %s)">`, number(x), number(y))
	ports := l.ports()
	for _, taken := range []bool{false, true} {
		for _, e := range l.edges {
			if d.taken(e) == taken {
				d.edge(l, e, ports[e])
			}
		}
	}
	for _, n := range l.nodes {
		switch n.role {
		case roleState:
			d.state(n)
		case roleStart, roleEnd:
			d.pill(n)
		case roleBend:
		default:
			d.label(n)
		}
	}
	d.WriteString("</g>")
}

func (d *drawing) edge(l *layout, e *edge, at [2]float64) {
	class := "graph-edge graph-edge--" + string(e.kind)
	if e.back {
		class += " graph-edge--back"
	}
	if d.taken(e) {
		class += " graph-edge--taken"
	}
	path, head := loop(e.from)
	if e.from != e.to {
		path, head = l.line(e, at)
	}
	d.print(`<g class="%s"><path class="graph-line" d="%s"/><path class="graph-head" d="%s"/></g>`, class, path, head)
}

// loop leads out of a box on its right and in at its top.
func loop(n *node) (path, head string) {
	right, middle := n.x+n.width/2, n.y+min(n.height, boxHeight)/2
	return fmt.Sprintf("M%s %sh8q10 0 10 -10v%sq0 -10 -10 -10h%sq-10 0 -10 10", number(right), number(middle),
		number(-(middle - n.y - 6)), number(-(portInset - 2.0))), head3(right-portInset, n.y, -arrow)
}

// taken tells whether the execution has been along the edge, as far as the statuses of its
// ends tell.
func (d *drawing) taken(e *edge) bool {
	from := d.statusOf(e.from)
	reached := e.to.role == roleEnd || d.statusOf(e.to) != Waiting
	if e.kind == edgeCatch {
		return from == Failed && reached
	}
	if e.from.role == roleStart {
		return reached
	}
	return from == Succeeded && reached
}

func (d *drawing) statusOf(n *node) Status {
	if n.role != roleState {
		return Waiting
	}
	return d.live[n.state.name].Status.known()
}

func (d *drawing) pill(n *node) {
	d.print(`<g class="graph-pill"><rect class="graph-box" x="%s" y="%s" width="%s" height="%s" rx="12"/><text class="graph-note" x="%s" y="%s" text-anchor="middle">%s</text></g>`,
		number(n.x-n.width/2), number(n.y), number(n.width), number(n.height), number(n.x), number(n.y+16), n.label)
}

func (d *drawing) label(n *node) {
	d.print(`<g class="graph-label"><title>%s</title><rect x="%s" y="%s" width="%s" height="%s" rx="4"/><text x="%s" y="%s" text-anchor="middle">%s</text></g>`,
		n.title, number(n.x-n.width/2), number(n.y), number(n.width), number(n.height), number(n.x), number(n.y+13), n.label)
}
