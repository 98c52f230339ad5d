package explorer

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"delfos/shared/console/chart"
	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

// view is what the page shows.
type view struct {
	Asset, Zone string
	DocsURL     string // "" where browsers have no way to the API
	OpenAPIURL  string
	Command     string // that asks the API for the same

	SourceErr  error
	Variables  []choice
	First      time.Time
	Last       time.Time
	Form       form
	Quick      []quick
	SamplesErr error
	Samples    int
	Cut        bool
	Width      time.Duration // that a point of a chart stands for
	Charts     []template.HTML

	site *site.Site
	api  string
}

// Means tells that points stand for more than a sample each.
func (v *view) Means() bool { return v.Width > time.Minute }

// WidthText is what a point stands for, such as "5 minutes".
func (v *view) WidthText() string {
	if v.Width == time.Hour {
		return "each hour"
	}
	if v.Width > time.Hour {
		return fmt.Sprintf("%d hours", v.Width/time.Hour)
	}
	return fmt.Sprintf("%d minutes", v.Width/time.Minute)
}

// quick is a window at the end of what there is.
type quick struct {
	Label, URL string
	Current    bool
}

func newView(s *site.Site, api string) *view {
	v := &view{Asset: s.Asset, Zone: s.Location.String(), site: s, api: strings.TrimSuffix(api, "/")}
	if v.api != "" {
		v.DocsURL, v.OpenAPIURL = v.api+"/docs", v.api+"/openapi.json"
	}
	return v
}

// have notes what the source has.
func (v *view) have(extent pipeline.Extent) {
	v.First, v.Last = extent.First, extent.Last
	for _, variable := range extent.Variables {
		v.Variables = append(v.Variables, choice{Name: variable.Name, Unit: variable.Unit})
	}
}

// plot draws what was read, a chart for each variable, for each has a unit of its own.
func (v *view) plot(samples pipeline.Samples, err error) {
	v.command()
	v.quicks()
	if v.SamplesErr = err; err != nil {
		return
	}
	v.Width = width(v.Form.Window.Duration())
	v.Samples, v.Cut = len(samples.Times), samples.Cut
	at := 0
	for _, c := range v.Form.Variables {
		if !c.Chosen || at >= len(samples.Values) {
			continue
		}
		v.Charts = append(v.Charts, v.chart(c, samples.Times, samples.Values[at]))
		at++
	}
}

func (v *view) chart(c choice, times []time.Time, values []float64) template.HTML {
	return chart.Lines{
		ID: "plot-" + strings.ReplaceAll(c.Name, "_", "-"), Title: title(c.Name), Unit: c.Unit, Group: "window",
		Start: v.Form.Window.Start, End: v.Form.Window.End, Location: v.site.Location,
		Every:  v.Width + v.Width/2,
		Series: []chart.Series{{Points: bucket(times, values, v.Form.Window.Start, v.Width)}}, Empty: "The source has no sample of this in the window",
	}.HTML()
}

// title writes a variable's name for people.
func title(name string) string {
	text := strings.ReplaceAll(name, "_", " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// command is the same request for a terminal. The token stays out of it: a page is no
// place for secrets.
func (v *view) command() {
	query := url.Values{"start": {v.Form.Window.Start.Format(time.RFC3339)}, "end": {v.Form.Window.End.Format(time.RFC3339)}}
	query["variables"] = v.Form.chosen()
	api := v.api
	if api == "" {
		api = "$SOURCE_API_URL"
	}
	v.Command = fmt.Sprintf(`curl --fail --header "Authorization: Bearer $TOKEN" "%s/data?%s"`, api, query.Encode())
}

// quicks are windows of usual lengths that end with the last sample.
func (v *view) quicks() {
	if v.Last.IsZero() {
		return
	}
	end := v.Last.Truncate(time.Minute).Add(time.Minute).In(v.site.Location)
	for _, length := range []struct {
		label string
		days  int
		hours time.Duration
	}{{"Last hour", 0, time.Hour}, {"6 hours", 0, 6 * time.Hour}, {"Day", 1, 0}, {"Week", 7, 0}, {"Month", 30, 0}} {
		start := end.AddDate(0, 0, -length.days).Add(-length.hours)
		query := url.Values{"start": {start.Format(fieldLayout)}, "end": {end.Format(fieldLayout)}, "variables": v.Form.chosen()}
		v.Quick = append(v.Quick, quick{
			length.label, "/api?" + query.Encode(),
			v.Form.Window.Start.Equal(start) && v.Form.Window.End.Equal(end),
		})
	}
}
