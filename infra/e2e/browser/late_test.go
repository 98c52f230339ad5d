package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"delfos/shared/status"
)

// holdAnswers keeps the page's script from hearing what it asks an address for, until
// answer: then the server is asked.
func (tab *tab) holdAnswers(address string) {
	tab.t.Helper()
	eval[bool](tab, fmt.Sprintf(`(() => {
		const ask = window.fetch;
		window.held = [];
		window.fetch = (url, options) => {
			if (!String(url).includes(%q)) return ask(url, options);
			return new Promise((give) => window.held.push(async () => {
				const response = await ask(url, {...options, signal: undefined});
				const text = response.status === 304 ? null : await response.text();
				give(new Response(text, {status: response.status, headers: response.headers}));
				await new Promise((heard) => setTimeout(heard, 0)); // after all that waits for no more than that
				return true;
			}));
		};
		return true;
	})()`, address))
}

// asked waits until so many answers have been held, given or not.
func (tab *tab) asked(n int) {
	tab.t.Helper()
	tab.until(fmt.Sprintf("asks %d times", n), func() bool { return eval[int](tab, `window.held.length`) >= n })
}

// answer lets the page have an answer, 0 the first, and comes back when it has heard it.
func (tab *tab) answer(i int) {
	tab.t.Helper()
	await(tab.t, fmt.Sprintf("answer %d is heard", i), func() (string, bool) {
		state := eval[string](tab, fmt.Sprintf(`(() => {
			const held = window.held[%d];
			held.state ??= (held().then(() => { held.state = "heard"; }, (error) => { held.state = String(error); }), "asked for");
			return held.state;
		})()`, i))
		return state, state == "heard"
	})
}

// What is launched is what is shown, also for whoever is quicker than the planner, and
// where an answer comes that was asked for before the last change.
func TestAPlanThatIsNotTheFormsCannotBeLaunched(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := open(t, w, "/backfills/new")
	tab.sees("would run", "4 at once")
	launch := css(".plan-launch button")
	offered := func() bool { return of[bool](tab, launch, `function () { return !this.disabled; }`) }
	if !offered() {
		t.Error("the plan of the form as it is cannot be launched")
	}
	tab.holdAnswers("/backfills/plan")
	tab.fill(field("max_concurrency"), "7")
	if offered() {
		t.Error("a plan of 4 at once can be launched while the form says 7")
	}
	tab.asked(1)
	tab.fill(field("max_concurrency"), "9")
	tab.answer(0)
	tab.asked(2)
	if offered() {
		t.Error("the plan of 7 at once can be launched while the form says 9")
	}
	tab.answer(1)
	tab.sees("9 at once")
	if request := eval[string](tab, `document.querySelector(".plan-launch [name=request]").value`); !offered() || !strings.Contains(request, `"max_concurrency": 9`) {
		t.Errorf("offered: %t, of %s", offered(), request)
	}
}

// What would be done at once is done to what one sees: not to days that were selected
// since, of which the answer is not there yet.
func TestNothingIsDoneToASelectionThatIsNotShownYet(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	run := days("2026-05-20", 3)
	tab := open(t, w, "/partitions?from="+run[0]+"&to="+run[1])
	tab.selects(run[0]+" – "+run[1], "2 days")
	tab.click(css("#waive summary"))
	tab.fill(css("#waive [name=reason]"), "a test")
	unmoved := tab.stays()
	tab.holdAnswers("/partitions/live")
	eval[bool](tab, fmt.Sprintf(`(document.querySelector('#years .cells a[href$=%q]').dispatchEvent(new MouseEvent("click", {bubbles: true, cancelable: true, shiftKey: true})), true)`, run[2]))
	tab.click(button("Waive 2 days"))
	tab.sees("nothing was done")
	unmoved()
	for _, day := range run {
		if found := w.day(t, day); found.Data == status.DataWaived {
			t.Errorf("%s is waived", day)
		}
	}
	for i := 0; i == 0 || !strings.Contains(tab.says(), run[0]+" – "+run[2]); i++ { // the poll under way, and the new one
		tab.asked(i + 1)
		tab.answer(i)
	}
	if reason := eval[string](tab, `document.querySelector("#waive [name=reason]").value`); reason != "a test" {
		t.Errorf("what was typed has become %q", reason)
	}
	tab.leaves(func() { tab.click(button("Waive 3 days")) })
	for _, day := range run {
		if found := w.day(t, day); found.Data != status.DataWaived {
			t.Errorf("%s is %s", day, found.Data)
		}
	}
}

// A key that leads out of the month leads on also while a poll is under way.
func TestTheFocusFollowsIntoTheNextMonthWhileAPollIsUnderWay(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := open(t, w, "/partitions?month=2026-05")
	tab.holdAnswers("/partitions/live")
	tab.asked(1)
	eval[bool](tab, `(document.querySelector('a.day[href$="2026-05-31"]').focus(), true)`)
	tab.press(kb.ArrowRight)
	tab.answer(0)
	tab.asked(2)
	tab.answer(1)
	tab.until("the focus is on the first of June", func() bool { return tab.focus(`a.day[href$="2026-06-01"]`).On })
}
