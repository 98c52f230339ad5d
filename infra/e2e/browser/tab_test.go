package browser

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// within bounds every wait, on a machine that does other work as well: it is come to
// where a test fails.
const within = 2 * time.Minute

// The widths at which pages are looked at.
const (
	wide   = 1280
	narrow = 390
)

// tab is a page in a browser profile of its own. What the browser complains of fails
// the test at its end.
type tab struct {
	t    testing.TB
	w    *world
	ctx  context.Context
	home string

	mu         sync.Mutex
	complaints []string
	allowed    *regexp.Regexp
	disturbed  bool // by a change of the machine's network, of which the browser drops all requests
}

// open makes a tab on a page of the console.
func open(t testing.TB, w *world, path string) *tab {
	t.Helper()
	tab := newTab(t, w)
	tab.to(path)
	return tab
}

func newTab(t testing.TB, w *world) *tab {
	t.Helper()
	tab := &tab{t: t, w: w, home: w.ConsoleURL}
	ctx, cancel := chromedp.NewContext(theBrowser(t), chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.hear))
	tab.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("at the end the tab was on %s", tab.describe())
			tab.picture("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		cancel()
		for _, complaint := range tab.heard() {
			t.Errorf("the browser complains: %s", complaint)
		}
	})
	tab.must(chromedp.Do(ctx))
	tab.resize(wide, 1000)
	// What the policy forbids is told by an event; some of it the console does not say.
	call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `addEventListener("securitypolicyviolation", (e) => console.error("violates the policy:", e.violatedDirective, e.blockedURI, e.sample))`,
	})
	return tab
}

func (tab *tab) must(err error) {
	tab.t.Helper()
	if err != nil {
		tab.t.Fatal(err)
	}
}

// to goes to a page by its URL, and waits until it has loaded.
func (tab *tab) to(path string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, within)
	defer cancel()
	for {
		tab.wasDisturbed()
		err := chromedp.Do(ctx, chromedp.Navigate(tab.home+path))
		if tab.wasDisturbed() || err != nil && strings.Contains(err.Error(), networkChanged) {
			continue
		}
		if err != nil {
			tab.t.Fatalf("go to %s: %v", path, err)
		}
		return
	}
}

// do has the browser do something that takes it no time to speak of.
func (tab *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, within)
	defer cancel()
	tab.must(chromedp.Do(ctx, steps...))
}

// at is where the tab is, without the host.
func (tab *tab) at() string {
	tab.t.Helper()
	return eval[string](tab, `location.pathname + location.search`)
}

// until waits for something to hold.
func (tab *tab) until(what string, holds func() bool) {
	tab.t.Helper()
	deadline := time.Now().Add(within)
	for !holds() {
		if time.Now().After(deadline) {
			tab.t.Fatalf("%s: not so within %s, on %s", what, within, tab.describe())
		}
		time.Sleep(25 * time.Millisecond)
	}
}

// goesTo waits until the tab is on a page, and it has loaded.
func (tab *tab) goesTo(pattern string) string {
	tab.t.Helper()
	wanted := regexp.MustCompile("^" + pattern + "$")
	tab.until("goes to "+pattern, func() bool {
		return wanted.MatchString(tab.at()) && eval[bool](tab, `document.readyState === "complete"`)
	})
	return tab.at()
}

// leaves waits until what is done leads to another page, or to the same anew.
func (tab *tab) leaves(do func()) {
	tab.t.Helper()
	eval[bool](tab, `window.marked = true`)
	do()
	tab.until("another page is loaded", func() bool { return eval[bool](tab, `!window.marked && document.readyState === "complete"`) })
}

// describe tells where the tab is and what one sees there, as far as it can be told.
func (tab *tab) describe() string {
	ctx, cancel := context.WithTimeout(tab.ctx, 10*time.Second)
	defer cancel()
	told, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[location.href, document.readyState,
		"the focus is on " + (document.activeElement?.outerHTML ?? "nothing").slice(0, 160), document.body?.innerText].join("\n")`))
	if err != nil {
		return fmt.Sprintf("a page that does not tell: %v", err)
	}
	return told
}

// says is the text that one sees, in one line.
func (tab *tab) says() string {
	tab.t.Helper()
	return strings.Join(strings.Fields(eval[string](tab, `[...document.querySelectorAll("#live:not([hidden]), #main, #toasts, dialog[open]")].map((e) => e.innerText).join(" ")`)), " ")
}

// sees waits until the page says all of this.
func (tab *tab) sees(texts ...string) {
	tab.t.Helper()
	for _, text := range texts {
		tab.until(fmt.Sprintf("says %q", text), func() bool { return strings.Contains(tab.says(), text) })
	}
}

func (tab *tab) resize(width, height int64) {
	tab.t.Helper()
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
	})
}

// eval evaluates JavaScript on the page, also where the page's own is off. While the
// tab goes to another page it tries again.
func eval[T any](tab *tab, script string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, within)
	defer cancel()
	for {
		value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
		if err == nil {
			return value
		}
		if ctx.Err() != nil || !moving.MatchString(err.Error()) {
			tab.t.Fatalf("%s: %v, on %s", script, err, tab.describe())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// moving is what the browser says of a page that is being left.
var moving = regexp.MustCompile(`context was destroyed|Cannot find context|navigated or closed|uniqueContextId|null|Cannot read properties of null`)
