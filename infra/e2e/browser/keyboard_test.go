package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus is where the keyboard is.
type focus struct {
	Text    string
	Visible bool // by an outline or a shadow; the parts of a date are the browser's own
	On      bool // it matches what was looked for
}

func (tab *tab) focus(selector string) focus {
	tab.t.Helper()
	return eval[focus](tab, fmt.Sprintf(`(() => {
		const at = document.activeElement, style = getComputedStyle(at);
		return {
			Text: at.getAttribute("aria-label") || at.getAttribute("name") || at.innerText.slice(0, 40),
			Visible: at === document.body || at.type === "date" || at.matches(":focus-visible") && (parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== "none" || style.boxShadow !== "none"),
			On: at.matches(%q),
		};
	})()`, selector))
}

// tabTo presses the tabulator until the focus is on an element, and fails the test
// where one does not see the focus on the way.
func (tab *tab) tabTo(selector string) {
	tab.t.Helper()
	for range 120 {
		tab.press(kb.Tab)
		at := tab.focus(selector)
		if !at.Visible {
			tab.t.Errorf("one does not see that the focus is on %q of %s", at.Text, tab.at())
		}
		if at.On {
			return
		}
	}
	tab.t.Fatalf("the tabulator does not come to %s on %s", selector, tab.at())
}

func TestADayIsReachedByTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day, below = "2026-03-15", "2026-03-16"
	tab := open(t, w, "/")
	tab.press(kb.Tab)
	if at := tab.focus(".skip"); !at.On || !at.Visible {
		t.Errorf("the first that the tabulator comes to is %+v; want the link that skips to the content", at)
	}
	tab.press(kb.Enter)
	tab.until("the focus is on the content", func() bool { return tab.focus("#main").On || tab.at() == "/" && tab.focus("body").On })
	tab.until("g and p are pressed in time", func() bool {
		eval[bool](tab, `(addEventListener("keydown", (event) => { window.felt = event.defaultPrevented; }), true)`) // behind the page's own
		tab.press("gp")
		return tab.at() == "/partitions" || eval[bool](tab, `Boolean(window.felt)`)
	})
	tab.goesTo("/partitions")
	tab.press("d")
	if at := tab.focus("#jump"); !at.On {
		t.Errorf("d leads to %+v; want the field for a date", at)
	}
	tab.press(kb.Escape)
	tab.tabTo("#years .cells a")
	tab.press(kb.Home)
	last := ""
	for range 23 { // days, one by one
		tab.press(kb.ArrowDown)
		last = eval[string](tab, `document.activeElement.getAttribute("href")`)
	}
	if last != "/partitions/"+day {
		t.Fatalf("the arrows lead to %s; want %s", last, day)
	}
	tab.press(kb.Enter)
	tab.goesTo("/partitions/" + day)
	tab.tabTo(`form[action$="materialize"] button`)
	tab.press(kb.Enter)
	tab.sees("1,152 in 144 windows")
	w.allPublished(t, day)
	tab.press("]")
	tab.goesTo("/partitions/" + below)
	tab.press("u")
	tab.goesTo(`/partitions\?month=2026-03`)
}

func TestABackfillIsLaunchedByTheKeyboardAloneAndPollingTakesNoFocus(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	run := days("2026-03-17", 3)
	release := w.hold(t, run...)
	tab := open(t, w, "/partitions?month=2026-03")
	tab.tabTo("#years .cells a")
	tab.press(kb.Home)
	for range 25 {
		tab.press(kb.ArrowDown)
	}
	tab.press(" ")
	tab.press(kb.ArrowDown, chromedp.ModifierShift)
	tab.selects(run[0]+" – "+run[1], "2 days") // the forms are there, and have to follow
	tab.press(kb.ArrowDown, chromedp.ModifierShift)
	tab.selects(run[0]+" – "+run[2], "3 days")
	tab.goesTo(`/partitions\?.*from=` + run[0] + `&.*to=` + run[2] + `.*`)
	if at := tab.focus(`#years .cells a[href$="` + run[2] + `"]`); !at.On {
		t.Errorf("selecting moved the focus to %+v", at)
	}
	tab.shiftTabTo(`[name=plan][value=missing]`)
	tab.press(kb.Enter)
	tab.sees("The plan: 3 days run")
	tab.tabTo("#plan .launch button")
	tab.press(kb.Enter)
	name := tab.name()

	tab.ends("Running")
	of[bool](tab, field("max_concurrency"), `function () { return true; }`) // once there is a map run
	tab.tabTo("[name=max_concurrency]")
	call(tab, input.InsertText, input.InsertTextParams{Text: "7"})
	typed := eval[string](tab, `document.activeElement.value`)
	tab.polls("/fragment", 3)
	if at := tab.focus("[name=max_concurrency]"); !at.On {
		t.Errorf("polling took the focus to %+v", at)
	}
	if now := eval[string](tab, `document.activeElement.value`); now != typed || !strings.Contains(now, "7") {
		t.Errorf("polling made %q of what was typed, %q", now, typed)
	}
	release()
	tab.ends("Succeeded", "3 of 3, 100 %")
	w.succeeded(t, name, run...)
	w.allPublished(t, run...)
}

// shiftTabTo is tabTo backwards.
func (tab *tab) shiftTabTo(selector string) {
	tab.t.Helper()
	for range 120 {
		tab.press(kb.Tab, chromedp.ModifierShift)
		if tab.focus(selector).On {
			return
		}
	}
	tab.t.Fatalf("the tabulator does not come back to %s on %s", selector, tab.at())
}

func TestShiftAndAClickSelectARange(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := open(t, w, "/partitions")
	tab.click(cell("2026-05-04"), chromedp.ModifierShift)
	tab.selects("2026-05-04", "1 day")
	tab.click(cell("2026-05-12"), chromedp.ModifierShift)
	tab.selects("2026-05-04 – 2026-05-12", "9 days")
	tab.click(cell("2026-05-01"), chromedp.ModifierShift)
	tab.selects("2026-05-01 – 2026-05-04", "4 days")
	eval[bool](tab, `(history.back(), true)`)
	tab.selects("2026-05-04 – 2026-05-12", "9 days")
	tab.press("c")
	tab.sees("Select days to run them")
}
