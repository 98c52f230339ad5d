package backfills

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"time"

	"delfos/shared/console/query"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// pageSize is how many backfills the list has on a page.
const pageSize = 50

var states = []string{
	string(status.BackfillRunning), string(status.BackfillSucceeded), string(status.BackfillFailed), string(status.BackfillCancelled),
}

// list is what the page of backfills shows.
type list struct {
	States []string
	State  string
	Rows   []row
	Next   string // the address of older ones; "" is none
	Newest string // the address of the newest; "" is this
	Poll   string // the address of the live part; "" where older ones are shown
}

// row is one backfill.
type row struct {
	pipeline.Backfill
	Took  time.Duration
	Bar   template.HTML
	Asked []string // what it was asked for, in words
}

func (p pages) list(w http.ResponseWriter, r *http.Request) {
	data, err := p.readList(r)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Render(w, r, site.Page{
		Title: "Backfills", Section: "backfills", Template: p.template, Name: "backfills", Data: data, Styles: []string{"backfills.css"},
	})
}

func (p pages) listPart(w http.ResponseWriter, r *http.Request) {
	data, err := p.readList(r)
	if err != nil {
		p.site.Fail(w, r, err)
		return
	}
	p.site.Fragment(w, r, p.template, "backfills-part", data)
}

func (p pages) readList(r *http.Request) (list, error) {
	q := query.Of(r)
	state, before := q.OneOf("state", states...), q.Text("before")
	if err := q.Err(); err != nil {
		return list{}, err
	}
	found, err := p.pipeline.Backfills(r.Context(), pipeline.BackfillFilter{State: status.BackfillState(state)}, pipeline.Page{Limit: pageSize, Before: before})
	if err != nil {
		return list{}, err
	}
	data := list{States: states, State: state}
	for _, b := range found.Backfills {
		data.Rows = append(data.Rows, row{b, b.Took(p.site.Now()), countsBar(b.Counts), asked(b.Request)})
	}
	if found.Next != "" {
		data.Next = address("/backfills", "state", state, "before", found.Next)
	}
	if before == "" {
		data.Poll = address("/backfills/fragment", "state", state)
	} else {
		data.Newest = address("/backfills", "state", state)
	}
	return data, nil
}

// address makes a path with a query of names and values in turn, without those that are
// empty.
func address(path string, pairs ...string) string {
	values := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if name, value := pair[0], pair[len(pair)-1]; value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}
