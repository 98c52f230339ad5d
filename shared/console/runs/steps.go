package runs

import (
	"html/template"
	"time"

	"delfos/shared/console/site"
	"delfos/shared/pipeline"
)

// steps draws a run's steps as parts of one bar; "" where there are none. The list beside
// it says the same in words.
func steps(all []pipeline.Step) template.HTML {
	var total time.Duration
	for _, s := range all {
		total += max(0, s.Took)
	}
	if total == 0 {
		return ""
	}
	d := &drawing{}
	d.print(`<svg class="steps" width="100%%" height="20" aria-hidden="true">`)
	left := 0.0
	for i, s := range all {
		width := 100 * float64(max(0, s.Took)) / float64(total)
		d.print(`<rect class="steps__part steps__part--%d" x="%.3f%%" width="%.3f%%" height="20"><title>%s: %s, %.0f %%</title></rect>`,
			colour(i), left, width, s.Name, site.Duration(s.Took), width)
		left += width
	}
	d.print(`</svg>`)
	return template.HTML(d.String()) //nolint:gosec // print has escaped every text
}

// colour is the number of a step's colour in the stylesheet.
func colour(step int) int { return step%4 + 1 }
