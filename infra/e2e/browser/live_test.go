package browser

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"delfos/infra/local"
)

// polled counts what a page has asked for since it was loaded.
func (tab *tab) polled(part string) int {
	tab.t.Helper()
	return eval[int](tab, fmt.Sprintf(`performance.getEntriesByType("resource").filter((e) => e.initiatorType === "fetch" && e.name.includes(%q)).length`, part))
}

// polls waits until a page has asked so many times more.
func (tab *tab) polls(part string, times int) {
	tab.t.Helper()
	before := tab.polled(part)
	tab.until(fmt.Sprintf("asks %d times for …%s", times, part), func() bool { return tab.polled(part) >= before+times })
}

func TestNothingIsPolledOnAHiddenTab(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const part = "/runs/fragment"
	tab := open(t, w, "/runs")
	tab.polls(part, 1)
	front := beside(tab, "/runs") // in front of the first, in the same window
	tab.until("the tab is hidden", func() bool { return eval[bool](tab, `document.hidden`) })
	front.polls(part, 1) // long enough for what was under way
	before := tab.polled(part)
	front.polls(part, 3)
	if after := tab.polled(part); after != before {
		t.Errorf("the hidden tab asked %d times", after-before)
	}
	call(tab, page.BringToFront, cdp.Empty{})
	tab.polls(part, 1)
	tab.sees("Live")
}

// beside opens a tab in the same window, in front of the one that is there.
func beside(there *tab, path string) *tab {
	there.t.Helper()
	other := &tab{t: there.t, w: there.w, home: there.home}
	ctx, cancel := chromedp.NewContext(there.ctx, chromedp.WithNewWindow(false), chromedp.WithListener(other.hear))
	other.ctx = ctx
	there.t.Cleanup(cancel)
	other.to(path)
	return other
}

func TestAPageThatLosesTheStackSaysSoAndComesBackByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t, local.Options{SeedDays: 1})
	const day = "2026-02-20"
	tab := open(t, w, "/partitions/"+day)
	tab.sees("Live", "Missing")
	tab.allow(`net::ERR_|status of 50[234]`)
	unmoved := tab.stays()
	again := local.Options{DataDir: w.dir, ConsolePort: port(t, w.ConsoleURL), APIPort: port(t, w.APIURL), AWSPort: port(t, w.AWSEndpointURL)}
	if err := w.stack.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	tab.sees("Disconnected, trying again", "This day has no data") // what was there stays to be read
	var err error
	if w.stack, err = local.Start(context.Background(), again); err != nil {
		t.Fatal(err)
	}
	tab.sees("Live")
	tab.click(button("Materialize"))
	tab.sees("Materialized", "1,152 in 144 windows")
	unmoved()
	w.allPublished(t, day)
}

func port(t testing.TB, address string) int {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(parsed.Port())
	if err != nil {
		t.Fatal(err)
	}
	return n
}
