package graph

import "strings"

// state draws a state's box and what it holds.
func (d *drawing) state(n *node) {
	live := d.live[n.state.name]
	status := live.Status.known()
	class := "graph-node graph-node--" + kindClass(n.state.kind) + " graph-node--" + string(status)
	if n.unreachable {
		class += " graph-node--unreachable"
	}
	d.print(`<g class="%s"><title>%s</title>`, class, titleOf(n, live))
	d.box(n)
	left, top := n.x-n.width/2, n.y
	d.icon(status, left+20, top+boxHeight/2)
	room := n.width - 46
	d.print(`<text class="graph-name" x="%s" y="%s">%s</text>`, number(left+36), number(top+19), cut(n.state.name, room, boldSize))
	d.print(`<text class="graph-note" x="%s" y="%s">%s</text>`, number(left+36), number(top+34), cut(noteOf(n, live), room, noteSize))
	if n.state.kind == "Map" {
		d.bar(live.Counts, left+padding, top+boxHeight, n.width-2*padding)
	}
	d.WriteString("</g>")
	for _, inner := range n.inner {
		d.layout(inner, left+padding, n.y+n.height-padding-inner.height)
		left += inner.width + padding
	}
}

// box draws the outline: of a Choice with points at its sides, of a Map as a pile.
func (d *drawing) box(n *node) {
	left, right, top, bottom := n.x-n.width/2, n.x+n.width/2, n.y, n.y+n.height
	switch n.state.kind {
	case "Choice":
		middle := number((top + bottom) / 2)
		d.print(`<path class="graph-box" d="M%s %sL%s %sH%sL%s %sL%s %sH%sz"/>`, number(left), middle, number(left+12), number(top),
			number(right-12), number(right), middle, number(right-12), number(bottom), number(left+12))
	case "Map":
		d.print(`<rect class="graph-box graph-pile" x="%s" y="%s" width="%s" height="%s" rx="8"/>`,
			number(left+4), number(top-4), number(n.width-8), number(n.height))
		fallthrough
	default:
		d.print(`<rect class="graph-box" x="%s" y="%s" width="%s" height="%s" rx="8"/>`, number(left), number(top), number(n.width), number(n.height))
	}
}

// bar draws how the items of a Map stand, as parts of its width.
func (d *drawing) bar(counts *Counts, left, top, width float64) {
	d.print(`<rect class="graph-bar" x="%s" y="%s" width="%s" height="6" rx="3"/>`, number(left), number(top), number(width))
	if counts == nil || counts.Total <= 0 {
		return
	}
	for _, part := range []struct {
		status Status
		count  int
	}{{Succeeded, counts.Succeeded}, {Failed, counts.Failed}, {Cancelled, counts.Cancelled}, {Running, counts.Running}} {
		wide := width * float64(max(part.count, 0)) / float64(counts.Total)
		if wide > 0 {
			d.print(`<rect class="graph-bar--%s" x="%s" y="%s" width="%s" height="6"/>`, string(part.status), number(left), number(top), number(wide))
		}
		left += wide
	}
}

// noteOf is the second line: the type, and how the state stands, or where it leads.
func noteOf(n *node, live Live) string {
	parts := []string{n.state.kind}
	if n.state.kind == "Map" && n.state.detail != "" && live.Note == "" {
		parts[0] = "Map, " + n.state.detail
	}
	switch {
	case live.Note != "":
		parts = append(parts, live.Note)
	case n.onward != "":
		parts = append(parts, "→ "+n.onward)
	case n.unreachable:
		parts = append(parts, "never reached")
	}
	return strings.Join(parts, " · ")
}

// titleOf is what shows on hover.
func titleOf(n *node, live Live) string {
	title := n.state.name + ": " + n.state.kind
	if n.state.detail != "" {
		title += " (" + n.state.detail + ")"
	}
	standing := string(live.Status.known())
	if standing == string(Waiting) {
		standing = "not entered" // also where it never will be
	}
	lines := []string{title + ", " + standing}
	for _, more := range []string{live.Note, live.Title, n.state.comment} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	if n.onward != "" {
		lines = append(lines, "Leads to "+n.onward)
	}
	return strings.Join(lines, "\n")
}

// kindClass is a type as a class; one that is none of the language's is "other".
func kindClass(kind string) string {
	switch kind {
	case "Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map":
		return strings.ToLower(kind)
	default:
		return "other"
	}
}

// icons tell the statuses apart by their shapes; each is drawn around 0, 0.
var icons = map[Status]string{
	Waiting:   `<circle r="5.5"/>`,
	Running:   `<circle r="6.5"/><path class="graph-turn" d="M0 -6.5a6.5 6.5 0 0 1 6.5 6.5"/>`,
	Succeeded: `<circle r="7"/><path d="M-3.2 .2l2.3 2.4l4.2 -4.8"/>`,
	Failed:    `<path d="M-3 -7h6l4 4v6l-4 4h-6l-4 -4v-6z"/><path d="M-2.6 -2.6l5.2 5.2m0 -5.2l-5.2 5.2"/>`,
	Cancelled: `<rect x="-6.5" y="-6.5" width="13" height="13" rx="2"/><path d="M-3.2 0h6.4"/>`,
	Unknown:   `<circle r="7"/><path d="M-2.2 -1.6a2.2 2.2 0 1 1 2.2 2.4v.9m0 1.9v.2"/>`,
}

func (d *drawing) icon(status Status, x, y float64) {
	d.print(`<g class="graph-icon" transform="translate(%s %s)">`, number(x), number(y))
	d.WriteString(icons[status] + "</g>")
}
