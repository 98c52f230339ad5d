package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// point is where to click.
type point struct{ X, Y float64 }

// pointOf is the middle of an element that can be clicked now: it is not disabled, and
// nothing is in front of it.
func (tab *tab) pointOf(e element) point {
	tab.t.Helper()
	return of[point](tab, e, `function () {
		if (!this.isConnected || this.disabled || document.readyState === "loading") return null;
		const middle = () => { const r = this.getBoundingClientRect(); return {X: r.left + r.width / 2, Y: r.top + r.height / 2}; };
		let at = middle();
		const hits = () => { const hit = document.elementFromPoint(at.X, at.Y); return hit && this.contains(hit); };
		if (!hits()) { this.scrollIntoView({block: "center", behavior: "instant"}); at = middle(); }
		return hits() ? at : null;
	}`)
}

// click clicks on an element. A page that has moved under the mouse meanwhile, as a
// live one may, does not feel it, and it is tried again.
func (tab *tab) click(e element, modifiers ...chromedp.Modifier) {
	tab.t.Helper()
	tab.until("a click hits "+e.String(), func() bool {
		of[bool](tab, e, guarded)
		at := tab.pointOf(e)
		tab.do(chromedp.MouseClickXY(at.X, at.Y, chromedp.ButtonModifiers(modifiers...)))
		return !eval[bool](tab, `Boolean(window.missed)`)
	})
}

// guarded keeps the page from feeling a click beside the element.
const guarded = `function () {
	const kinds = ["pointerdown", "mousedown", "pointerup", "mouseup", "click"];
	window.unguard?.();
	window.missed = false;
	const feel = (event) => {
		if (event.type === "click") window.unguard();
		if (!window.missed && this.contains(event.target)) return;
		window.missed = true;
		event.preventDefault();
		event.stopImmediatePropagation();
	};
	window.unguard = () => { for (const kind of kinds) removeEventListener(kind, feel, {capture: true}); };
	for (const kind of kinds) addEventListener(kind, feel, {capture: true});
	return true;
}`

// drag presses on one element and lets go on another, both of which are in view.
func (tab *tab) drag(from, to element) {
	tab.t.Helper()
	start, end := tab.pointOf(from), tab.pointOf(to)
	mouse := func(what input.DispatchMouseEventType, at point, buttons int64) {
		call(tab, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: what, X: at.X, Y: at.Y, Button: input.MouseButtonLeft, Buttons: buttons, ClickCount: 1,
		})
	}
	mouse(input.DispatchMouseEventTypeMousePressed, start, 1)
	mouse(input.DispatchMouseEventTypeMouseMoved, point{(start.X + end.X) / 2, (start.Y + end.Y) / 2}, 1)
	mouse(input.DispatchMouseEventTypeMouseMoved, end, 1)
	mouse(input.DispatchMouseEventTypeMouseReleased, end, 0)
}

// fill types a text into a field, in place of what was there.
func (tab *tab) fill(e element, text string) {
	tab.t.Helper()
	tab.until(fmt.Sprintf("%q is typed into %s", text, e), func() bool {
		tab.click(e)
		if !of[bool](tab, e, `function () { this.select(); return document.activeElement === this; }`) {
			return false
		}
		call(tab, input.InsertText, input.InsertTextParams{Text: text})
		return of[string](tab, e, `function () { return this.value; }`) == text
	})
}

// choose gives a date or a list its value: how these are typed is the system's.
func (tab *tab) choose(e element, value string) {
	tab.t.Helper()
	of[bool](tab, e, fmt.Sprintf(`function () {
		this.focus();
		this.value = %q;
		this.dispatchEvent(new Event("input", {bubbles: true}));
		this.dispatchEvent(new Event("change", {bubbles: true}));
		return true;
	}`, value))
}

// press presses keys, one after the other.
func (tab *tab) press(keys string, modifiers ...chromedp.Modifier) {
	tab.t.Helper()
	tab.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// confirm says yes to what the page asks, which leads to another page or to the same anew.
func (tab *tab) confirm() {
	tab.t.Helper()
	tab.leaves(func() { tab.click(yes) })
}

// yes is what is said to what the page asks.
var yes = css("dialog[open] #confirm-yes")

// stays marks the page, and gives what tells that it was never left or loaded anew.
func (tab *tab) stays() func() {
	tab.t.Helper()
	eval[bool](tab, `window.marked = true`)
	return func() {
		tab.t.Helper()
		if !eval[bool](tab, `Boolean(window.marked)`) {
			tab.t.Error("the page was loaded anew")
		}
	}
}
