package browser

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
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
	// What is under way when the tab is hidden ends, so that what begins is counted.
	eval[bool](tab, `(() => {
		const ask = window.fetch;
		window.begun = 0;
		window.fetch = (...request) => { window.begun++; return ask(...request); };
		return true;
	})()`)
	tab.cover()
	tab.until("the tab is hidden", func() bool { return eval[bool](tab, `document.hidden`) })
	before := eval[int](tab, `window.begun`)
	seen.polls(part, 3)
	if after := eval[int](tab, `window.begun`); after != before {
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
	// Ports that nobody is given by chance while the stack is away: others are from 32768 on.
	w := newWorld(t, local.Options{SeedDays: 1, ConsolePort: free(t, 20000), APIPort: free(t, 24000), AWSPort: free(t, 28000)})
	if err := w.tickLater(t.Context()); err != nil {
		t.Fatal(err)
	}
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

// free is a port at which nobody listens, of the 4000 from the first on.
func free(t testing.TB, first int) int {
	t.Helper()
	for range 100 {
		port := first + rand.IntN(4000)
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = listener.Close()
			return port
		}
	}
	t.Fatalf("no port from %d on is free", first)
	return 0
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
