package browser

import (
	"strings"
	"testing"
)

func TestRunsAreFilteredAndARunsLogIsRead(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const good, bad = "2026-03-13", "2026-05-30" // the source has nothing of the second
	w.run(t, good, bad)
	tab := open(t, w, "/runs")
	tab.choose(field("outcome"), "failed")
	tab.goesTo(`/runs\?.*outcome=failed.*`)
	tab.sees(bad, "EmptyPartition")
	if strings.Contains(tab.says(), good) {
		t.Errorf("%s, which succeeded, is among the failed:\n%s", good, tab.says())
	}
	tab.choose(field("partition"), bad)
	tab.goesTo(`/runs\?.*partition=` + bad + `.*`)
	tab.click(link(bad))
	tab.goesTo("/runs/[^/]+")
	tab.sees("Run of "+bad, "Failed", "Why it failed", "What to do.")
	tab.until("shows the run's log", func() bool {
		return strings.Contains(eval[string](tab, `document.querySelector("[role=log]")?.innerText ?? ""`), "EmptyPartition")
	})
}

func TestTheSourcesSamplesArePlotted(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := open(t, w, "/api")
	tab.click(css(`[name=variables][value=ambient_temperature]`))
	tab.choose(field("start"), "2026-02-20T00:00")
	tab.choose(field("end"), "2026-02-20T06:00")
	tab.click(button("Plot"))
	tab.goesTo(`/api\?.*start=2026-02-20T00.*`)
	tab.sees("360 samples", "The same from a terminal")
	if n := eval[int](tab, `document.querySelectorAll("#main figure svg, #main .chart svg, #main svg.chart").length`); n == 0 {
		t.Error("nothing is plotted")
	}
	if docs := eval[string](tab, `[...document.querySelectorAll("a")].find((e) => e.innerText.trim() === "Documentation").href`); docs != w.APIURL+"/docs" {
		t.Errorf("the documentation is said to be at %s", docs)
	}
}

func TestAWrongURLGetsAPageThatHelps(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := newTab(t, w)
	tab.allow(`status of 4\d\d`)
	for path, says := range map[string]string{
		"/nothing":               "404",
		"/partitions/2026-02-30": "2026-02-30",
		"/partitions/2019-01-01": "before the first partition",
		"/runs/nothing":          "nothing",
		"/backfills/nothing":     "nothing",
		"/runs?outcome=odd":      "odd",
	} {
		tab.to(path)
		tab.sees(says)
		if n := eval[int](tab, `document.querySelectorAll("#main a[href^='/']").length`); n == 0 {
			t.Errorf("%s leads nowhere", path)
		}
	}
}
