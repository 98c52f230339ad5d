package browser

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
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
	tab, seen := open(t, w, "/runs"), open(t, w, "/runs")
	tab.polls(part, 1)
	tab.cover()
	tab.until("the tab is hidden", func() bool { return eval[bool](tab, `document.hidden`) })
	seen.polls(part, 1) // long enough for what was under way
	before := tab.polled(part)
	seen.polls(part, 3)
	if after := tab.polled(part); after != before {
		t.Errorf("the hidden tab asked %d times", after-before)
	}
	call(tab, page.BringToFront, cdp.Empty{})
	tab.polls(part, 1)
	tab.sees("Live")
}

func TestTheFirstPollOfAnUnchangedPageSendsNothing(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := open(t, w, "/partitions/2026-04-19") // of which no test makes anything
	tab.polls("/partitions/2026-04-19/live", 1)
	first := eval[int](tab, `performance.getEntriesByType("resource").find((e) => e.initiatorType === "fetch" && e.name.endsWith("/live")).responseStatus`)
	if first != 304 {
		t.Errorf("the first poll is answered by %d", first)
	}
}

// cover opens another tab in front of this one, in its window.
func (tab *tab) cover() {
	tab.t.Helper()
	_, err := chromedp.CallBrowser(tab.ctx, target.CreateTarget, target.CreateTargetParams{
		URL: "about:blank", BrowserContextID: chromedp.FromContext(tab.ctx).BrowserContextID,
	})
	tab.must(err)
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
