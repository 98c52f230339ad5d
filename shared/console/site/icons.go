package site

import (
	"fmt"
	"html/template"
)

// icons are drawn within 16 by 16, in the colour of the text about them.
var icons = map[string]string{
	// states
	"check":  `<circle cx="8" cy="8" r="7" class="icon__fill"/><path d="m4.8 8.2 2.2 2.2 4.3-4.6" class="icon__cut"/>`,
	"cross":  `<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" class="icon__fill"/><path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" class="icon__cut"/>`,
	"stale":  `<path d="M8 1.2 15.2 14H.8z" class="icon__fill"/><path d="M8 5.8v3.6m0 2v.3" class="icon__cut"/>`,
	"dashed": `<circle cx="8" cy="8" r="6" stroke-dasharray="2.6 2.1"/>`,
	"slash":  `<circle cx="8" cy="8" r="6"/><path d="m4 12 8-8"/>`,
	"dots":   `<circle cx="8" cy="8" r="6"/><path d="M5.2 8h.1m2.7 0h.1m2.6 0h.1" stroke-width="2"/>`,
	"spin":   `<circle cx="8" cy="8" r="6" class="icon__track"/><path d="M8 2a6 6 0 0 1 6 6" class="icon__spin"/>`,
	"stop":   `<rect x="2" y="2" width="12" height="12" rx="2.5" class="icon__fill"/><path d="M5 8h6" class="icon__cut"/>`,

	// sections
	"overview":   `<path d="M2 8.5 8 3l6 5.5M4 7v6.5h8V7"/>`,
	"partitions": `<rect x="2" y="3" width="12" height="11" rx="2"/><path d="M2 6.5h12M5.5 1.5V4m5-2.5V4M5 9.5h1m1.5 0h1m1.5 0h1M5 11.8h1m1.5 0h1"/>`,
	"runs":       `<path d="M2 4h7M5 8h8M3.5 12h5"/><path d="M11.5 4H13m-2 8h2" opacity=".5"/>`,
	"backfills":  `<path d="M3 3.5h10M3 3.5V7l5 2 5-2V3.5M8 9v4.5m-2-2 2 2 2-2"/>`,
	"schedules":  `<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>`,
	"api":        `<path d="M5.5 4.5 2 8l3.5 3.5m5-7L14 8l-3.5 3.5"/>`,

	// actions
	"play":     `<path d="M4.5 2.8v10.4L13 8z"/>`,
	"again":    `<path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 2v3h-3"/>`,
	"copy":     `<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>`,
	"left":     `<path d="M10 3 5 8l5 5"/>`,
	"right":    `<path d="m6 3 5 5-5 5"/>`,
	"down":     `<path d="m3 6 5 5 5-5"/>`,
	"arrow":    `<path d="M3 8h10M9 4l4 4-4 4"/>`,
	"plus":     `<path d="M8 3v10M3 8h10"/>`,
	"close":    `<path d="m4 4 8 8m0-8-8 8"/>`,
	"search":   `<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>`,
	"filter":   `<path d="M2 4h12M4.5 8h7M6.5 12h3"/>`,
	"help":     `<circle cx="8" cy="8" r="6"/><path d="M6.2 6.3a1.9 1.9 0 1 1 2.6 1.8c-.6.3-.8.6-.8 1.2m0 1.9v.1"/>`,
	"theme":    `<circle cx="8" cy="8" r="6"/><path d="M8 2v12a6 6 0 0 0 0-12z" class="icon__fill"/>`,
	"external": `<path d="M9 2.5h4.5V7M13.5 2.5 7 9M11.5 9.5v3a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1h3"/>`,
	"lock":     `<rect x="3" y="7" width="10" height="7" rx="1.5"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>`,
	"out":      `<path d="M6.5 2.5h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M10.5 5l3 3-3 3m3-3h-7"/>`,
	"info":     `<circle cx="8" cy="8" r="6"/><path d="M8 7.5v3.3m0-5.8v.1"/>`,
	"database": `<ellipse cx="8" cy="4" rx="5.5" ry="2"/><path d="M2.5 4v8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2V4M2.5 8c0 1.1 2.5 2 5.5 2s5.5-.9 5.5-2"/>`,
	"function": `<path d="M3 14c2 0 2.6-1.2 3-3.5l.8-5C7.2 3.2 8 2 10 2M4.5 6.5h5M10 9.5l3.5 4m0-4-3.5 4"/>`,
	"download": `<path d="M8 2.5v8m-3-3 3 3 3-3M3 13.5h10"/>`,
}

// icon draws one; it means nothing to those who do not see it.
func icon(name string) (template.HTML, error) {
	drawing, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %q", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">` + //nolint:gosec // constants
		drawing + `</svg>`), nil
}
