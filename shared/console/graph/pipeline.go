package graph

import (
	"html/template"
	"strings"
)

// Station is a part of the pipeline that the data passes, or that starts it.
type Station struct {
	Name   string // "Source API"
	Note   string // how it is: "answers in 12 ms"; cut where it is longer than the box
	Title  string // on hover, after name and note
	Href   string // where a click leads; "" is nowhere
	Status Status
	Flow   string    // written at the arrow that leads to the next: "GET /data"
	Starts []Station // what starts this one; their own are not drawn
}

// Sizes of the pipeline's drawing.
const (
	stationWidth  = 176
	stationHeight = 58
	flowRoom      = 84 // between stations beside each other
	startsGap     = 40 // between a station and what starts it
	stationsGap   = 46 // between stations below each other
)

// Pipeline draws the stations in the order in which the data passes them, twice: in a row
// (class graph--wide) and in a column (graph--narrow), of which the stylesheet shows one.
func Pipeline(title string, stations []Station) template.HTML {
	d := &drawing{}
	d.row(title, stations)
	d.stack(title, stations)
	return d.html()
}

// row draws the stations beside each other, and what starts them below.
func (d *drawing) row(title string, stations []Station) {
	width := float64(len(stations))*(stationWidth+flowRoom) - flowRoom + 2*margin
	height := float64(stationHeight + 2*margin)
	for _, s := range stations {
		if len(s.Starts) > 0 {
			height = 2*stationHeight + startsGap + 2*margin
		}
	}
	d.open("graph graph--wide", title, width, height)
	for i, s := range stations {
		x := margin + float64(i)*(stationWidth+flowRoom)
		if i < len(stations)-1 {
			d.flow(s, x+stationWidth, margin+stationHeight/2)
		}
		d.station(s, x, margin)
		d.startsBelow(s.Starts, x, width)
	}
	d.WriteString("</svg>")
}

// startsBelow draws what starts a station beside each other below it, each with its arrow,
// as far in the middle as the drawing's width lets it.
func (d *drawing) startsBelow(starts []Station, x, width float64) {
	const top, y = margin + stationHeight, margin + stationHeight + startsGap
	room := float64(len(starts))*(stationWidth+12) - 12
	left := max(margin, min(x+(stationWidth-room)/2, width-margin-room))
	for _, start := range starts {
		middle := left + stationWidth/2
		entry := min(max(middle, x+stationWidth/4), x+stationWidth*3/4)
		d.arrow(start, "M"+number(middle)+" "+number(y)+"C"+number(middle)+" "+number(y-18)+" "+number(entry)+" "+number(top+24)+" "+number(entry)+" "+number(top+arrow),
			head3(entry, top, arrow))
		d.station(start, left, y)
		left += stationWidth + 12
	}
}

// flow draws the arrow to the next station of a row.
func (d *drawing) flow(s Station, x, y float64) {
	end := x + flowRoom
	d.arrow(s, "M"+number(x)+" "+number(y)+"H"+number(end-arrow), "M"+number(end)+" "+number(y)+"l-6 -4v8z")
	d.print(`<text class="graph-note" x="%s" y="%s" text-anchor="middle">%s</text>`, number(x+flowRoom/2-3), number(y-8), cut(s.Flow, flowRoom-6, noteSize))
}

// stack draws the stations below each other, and what starts them on their right.
func (d *drawing) stack(title string, stations []Station) {
	height := 2.0*margin - stationsGap
	side := 0.0
	for _, s := range stations {
		height += stackHeight(s) + stationsGap
		if len(s.Starts) > 0 {
			side = stationWidth + 28
		}
	}
	d.open("graph graph--narrow", title, stationWidth+side+2*margin, max(height, 2*margin))
	y := float64(margin)
	for i, s := range stations {
		tall := stackHeight(s)
		top := y + (tall-stationHeight)/2
		if i < len(stations)-1 {
			next := stations[i+1]
			x, end := margin+stationWidth/2.0, y+tall+stationsGap+(stackHeight(next)-stationHeight)/2
			d.arrow(s, "M"+number(x)+" "+number(top+stationHeight)+"V"+number(end-arrow), head3(x, end, -arrow))
			d.print(`<text class="graph-note" x="%s" y="%s">%s</text>`, number(x+10), number((top+stationHeight+end)/2+4), s.Flow)
		}
		d.station(s, margin, top)
		for j, start := range s.Starts {
			at, x := y+float64(j)*(stationHeight+12), margin+stationWidth+28.0
			middle := at + stationHeight/2
			entry := min(max(middle, top+14), top+stationHeight-14)
			d.arrow(start, "M"+number(x)+" "+number(middle)+"C"+number(x-14)+" "+number(middle)+" "+number(x-10)+" "+number(entry)+" "+number(x-28+arrow)+" "+number(entry),
				"M"+number(x-28)+" "+number(entry)+"l6 -4v8z")
			d.station(start, x, at)
		}
		y += tall + stationsGap
	}
	d.WriteString("</svg>")
}

func stackHeight(s Station) float64 {
	return max(stationHeight, float64(len(s.Starts))*(stationHeight+12)-12)
}

// open begins a drawing.
func (d *drawing) open(class, title string, width, height float64) {
	d.print(`<svg class="%s" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%s" height="%s" role="group" aria-label="%s">`,
		class, number(width), number(height), number(width), number(height), title)
}

func (d *drawing) arrow(from Station, path, head string) {
	class := "graph-edge"
	if from.Status.known() == Running {
		class += " graph-edge--flowing"
	}
	d.print(`<g class="%s"><path class="graph-line" d="%s"/><path class="graph-head" d="%s"/></g>`, class, path, head)
}

func (d *drawing) station(s Station, x, y float64) {
	status := s.Status.known()
	title := strings.Join([]string{s.Name, string(status), s.Note}, ", ")
	if s.Title != "" {
		title += "\n" + s.Title
	}
	if s.Href != "" {
		d.print(`<a href="%s">`, s.Href)
	}
	d.print(`<g class="graph-node graph-node--station graph-node--%s"><title>%s</title><rect class="graph-box" x="%s" y="%s" width="%s" height="%s" rx="8"/>`,
		string(status), title, number(x), number(y), number(stationWidth), number(stationHeight))
	d.icon(status, x+20, y+stationHeight/2)
	d.print(`<text class="graph-name" x="%s" y="%s">%s</text><text class="graph-note" x="%s" y="%s">%s</text></g>`,
		number(x+36), number(y+26), cut(s.Name, stationWidth-44, boldSize), number(x+36), number(y+42), cut(s.Note, stationWidth-44, noteSize))
	if s.Href != "" {
		d.WriteString("</a>")
	}
}
