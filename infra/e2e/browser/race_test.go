package browser

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// begin has the etl begin with a day, and does not wait for it.
func (w *world) begin(t testing.TB, day string) (runID string) {
	t.Helper()
	_, err := w.lambda.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String(w.Functions["EtlFunction"]), InvocationType: types.InvocationTypeEvent, Payload: []byte(`{"partition":"` + day + `"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.awaitRunning(t, 1, day)
	return w.day(t, day).RunID
}

// runsOf counts the attempts at a day.
func (w *world) runsOf(t testing.TB, day string) int {
	t.Helper()
	found, err := w.status.RunsOf(t.Context(), asset, partition.MustParseKey(day), status.Page{})
	if err != nil {
		t.Fatal(err)
	}
	return len(found.Runs)
}

// isAnswered waits until what was sent to an address is, and the form can be sent again.
func (tab *tab) isAnswered(address string) {
	tab.t.Helper()
	tab.until(address+" is answered", func() bool {
		return tab.polled(address) > 0 && eval[int](tab, `document.querySelectorAll("form[data-busy]").length`) == 0
	})
}

// Who is asked about one thing does not do another by the answer: meanwhile the run has
// ended, and in the place of its cancelling is what would run it again.
func TestWhatHasChangedSinceTheQuestionIsNotDone(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day = "2026-03-24"
	release := w.hold(t, day)
	tab := open(t, w, "/runs/"+w.begin(t, day))
	unmoved := tab.stays()
	tab.click(button("Cancel the run"))
	of[bool](tab, yes, `function () { return true; }`)
	release()
	tab.ends("Succeeded")
	tab.click(yes)
	tab.sees("nothing was done")
	unmoved()
	if n := w.runsOf(t, day); n != 1 {
		t.Errorf("%s was run %d times", day, n)
	}
	w.allPublished(t, day)
}

// A page that was opened while a run held the day lets it be run again afterwards.
func TestAButtonCanBeUsedOnceTheRunIsOver(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day = "2026-03-25"
	release := w.hold(t, day)
	w.begin(t, day)
	tab := open(t, w, "/partitions/"+day)
	tab.sees("A run holds this day")
	if !of[bool](tab, button("Materialize"), `function () { return this.disabled; }`) {
		t.Error("a day that is held can be run")
	}
	release()
	tab.sees("1,152 in 144 windows")
	tab.click(button("Run again"))
	tab.isAnswered("/materialize")
	if n := w.runsOf(t, day); n != 2 {
		t.Errorf("%s was run %d times", day, n)
	}
}

// A form that is under way is not sent again, also where the page has been told news since.
func TestAFormIsSentOnceHoweverOftenItIsPressed(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day = "2026-03-26"
	release := w.hold(t, day)
	tab := open(t, w, "/partitions/"+day)
	tab.click(button("Materialize"))
	tab.sees("A run holds this day")
	const press = `(document.querySelector("form[action$=materialize]").requestSubmit(), true)`
	eval[bool](tab, press)
	release()
	tab.isAnswered("/materialize")
	tab.sees("1,152 in 144 windows")
	if sent := tab.polled("/materialize"); sent != 1 {
		t.Errorf("the form was sent %d times", sent)
	}
	if n := w.runsOf(t, day); n != 1 {
		t.Errorf("%s was run %d times", day, n)
	}
}

// A part that grows shorter leaves alone who is just writing in it.
func TestWhatIsTypedIntoAMenuStaysWhereSomethingBesideItGoes(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	const day, name = "2026-03-27", "of-one-day"
	defer w.hold(t, day)()
	w.backfill(t, name, `{"from":"`+day+`","to":"`+day+`"}`)
	w.awaitRunning(t, 1, day)
	tab := open(t, w, "/backfills/"+name)
	of[bool](tab, field("max_concurrency"), `function () { return true; }`)
	const reason = "details[data-menu] [name=reason]"
	tab.click(css("details[data-menu] > summary"))
	tab.fill(css(reason), "half a rea")
	eval[bool](tab, `(() => {
		const ask = window.fetch;
		window.fetch = async (url, options) => {
			if (!String(url).includes("/fragment")) return ask(url, options);
			const text = await (await ask(url, {...options, headers: {"Delfos-Fragment": "1"}})).text();
			return new Response(text.replace(/<form[^>]*concurrency[^]*?<.form>/, ""));
		};
		return true;
	})()`)
	tab.until("the map run is over", func() bool {
		return eval[int](tab, `document.querySelectorAll("#main [name=max_concurrency]").length`) == 0
	})
	if at := tab.focus(reason); !at.On {
		t.Errorf("the focus went to %+v", at)
	}
	if typed := eval[string](tab, fmt.Sprintf(`document.querySelector(%q).value`, reason)); typed != "half a rea" {
		t.Errorf("what was typed has become %q", typed)
	}
}

// When a day ends the calendar is loaded anew, but not under the hands of who types.
func TestADayThatEndsDoesNotLoseWhatIsTyped(t *testing.T) {
	t.Parallel()
	w := sharedWorld(t)
	tab := open(t, w, "/partitions?from=2026-05-23&to=2026-05-24")
	tab.click(css("#waive summary"))
	tab.fill(css("#waive [name=reason]"), "half a rea")
	unmoved := tab.stays()
	eval[bool](tab, `(() => {
		const ask = window.fetch;
		window.fetch = async (url, options) => {
			if (!String(url).includes("/partitions/live")) return ask(url, options);
			window.ended = (window.ended ?? 0) + 1;
			const text = await (await ask(url, {...options, headers: {"Delfos-Fragment": "1"}})).text();
			return new Response(text.replace(/data-last="[^"]*"/, 'data-last="2999-01-0' + (1 + window.ended % 9) + '"'));
		};
		return true;
	})()`)
	tab.until("the day has ended", func() bool { return eval[int](tab, `window.ended ?? 0`) >= 2 })
	unmoved()
	if typed := eval[string](tab, `document.querySelector("#waive [name=reason]").value`); typed != "half a rea" {
		t.Errorf("what was typed has become %q", typed)
	}
	tab.leaves(func() { eval[bool](tab, `(document.querySelector("#waive [name=reason]").value = "", true)`) })
}
