package browser

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axeCore is the text of axe-core; empty where it is not there.
var axeCore = sync.OnceValues(func() (string, error) {
	path := os.Getenv("DELFOS_AXE")
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	return string(text), err
})

// violation is a rule of accessibility that a page breaks.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// accessible fails the test where axe-core finds something serious or critical on the
// page as it is now.
func (tab *tab) accessible(page string) {
	tab.t.Helper()
	script, err := axeCore()
	tab.must(err)
	if script == "" {
		return
	}
	ctx, cancel := context.WithTimeout(tab.ctx, within)
	defer cancel()
	// The browser's debugger is above the page's policy, and puts it in all the same.
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](script)); err != nil {
		tab.t.Fatalf("axe-core: %v", err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](`axe.run({
		resultTypes: ["violations"], preload: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	}).then((r) => r.violations.map((v) => ({
		ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map((n) => ({HTML: n.html.slice(0, 200), FailureSummary: n.failureSummary})),
	})))`, func(p *runtime.EvaluateParams) { yes := true; p.AwaitPromise = &yes }))
	if err != nil {
		tab.t.Fatalf("axe-core on %s: %v", page, err)
	}
	for _, v := range found {
		if v.Impact != "serious" && v.Impact != "critical" {
			tab.t.Logf("%s: %s, %s: %s (%d)", page, v.Impact, v.ID, v.Help, len(v.Nodes))
			continue
		}
		for _, node := range v.Nodes[:min(3, len(v.Nodes))] {
			tab.t.Errorf("%s: %s, %s: %s (%d such)\n%s\n%s", page, v.Impact, v.ID, v.Help, len(v.Nodes), node.HTML, strings.TrimSpace(node.FailureSummary))
		}
	}
}

// needsAxe tells loudly that accessibility is not looked at.
func needsAxe(t testing.TB) {
	t.Helper()
	if os.Getenv("DELFOS_AXE") != "" {
		return
	}
	if os.Getenv("DELFOS_BROWSER") == "required" {
		t.Fatal("DELFOS_AXE does not say where axe-core's axe.min.js is")
	}
	t.Log("NOT LOOKED AT: accessibility; set DELFOS_AXE to axe-core's axe.min.js")
}
