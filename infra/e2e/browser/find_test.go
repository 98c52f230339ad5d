package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// element is how one is found: by its role and its name, as those hear it who do not
// see the page, or by a CSS selector.
type element struct {
	role, name string
	css        string
}

func button(name string) element  { return element{role: "button", name: name} }
func link(name string) element    { return element{role: "link", name: name} }
func css(selector string) element { return element{css: selector} }

// field is a form's, by the name that it is sent with.
func field(name string) element { return css(fmt.Sprintf("#main [name=%q]:not([type=hidden])", name)) }

// String is for people.
func (e element) String() string {
	if e.css != "" {
		return e.css
	}
	return fmt.Sprintf("%s %q", e.role, e.name)
}

// call sends a command to the browser.
func call[P, R any](tab *tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	answer, err := try(tab, command, params)
	if err != nil {
		tab.t.Fatalf("%s: %v", command.Method, err)
	}
	return answer
}

// try is call where the page may change meanwhile.
func try[P, R any](tab *tab, command cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, within)
	defer cancel()
	return chromedp.Call(ctx, command, params)
}

// find is the element as an object of the page; "" where there is none yet.
func (tab *tab) find(e element) runtime.RemoteObjectID {
	tab.t.Helper()
	script := "document"
	if e.css != "" {
		script = fmt.Sprintf("document.querySelector(%q)", e.css)
	}
	found, err := try(tab, runtime.Evaluate, runtime.EvaluateParams{Expression: script})
	if err != nil || found.Result == nil || found.Result.ObjectID == "" || e.css != "" {
		if err == nil && found.Result != nil {
			return found.Result.ObjectID
		}
		return ""
	}
	nodes, err := try(tab, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		ObjectID: found.Result.ObjectID, AccessibleName: e.name, Role: e.role,
	})
	if err != nil {
		return ""
	}
	for _, node := range nodes.Nodes {
		if node.Ignored {
			continue // it is hidden
		}
		resolved, err := try(tab, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node.BackendDOMNodeID})
		if err == nil && resolved.Object != nil {
			return resolved.Object.ObjectID
		}
	}
	return ""
}

// of calls a JavaScript function with the element as `this`, once it is there and the
// function returns something but null.
func of[T any](tab *tab, e element, function string) T {
	tab.t.Helper()
	var value T
	tab.until("there is "+e.String(), func() bool {
		object := tab.find(e)
		if object == "" {
			return false
		}
		ctx, cancel := context.WithTimeout(tab.ctx, within)
		defer cancel()
		var err error
		value, err = chromedp.Run(ctx, chromedp.CallFunctionOn[T](function, func(p *runtime.CallFunctionOnParams) { p.ObjectID = object }))
		return err == nil
	})
	return value
}

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

func (tab *tab) click(e element, modifiers ...chromedp.Modifier) {
	tab.t.Helper()
	at := tab.pointOf(e)
	tab.must(chromedp.Do(tab.ctx, chromedp.MouseClickXY(at.X, at.Y, chromedp.ButtonModifiers(modifiers...))))
}

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
	tab.click(e)
	of[bool](tab, e, `function () { this.select(); return true; }`)
	call(tab, input.InsertText, input.InsertTextParams{Text: text})
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
	tab.must(chromedp.Do(tab.ctx, chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...))))
}

// confirm says yes to what the page asks.
func (tab *tab) confirm() {
	tab.t.Helper()
	tab.click(css("dialog[open] #confirm-yes"))
}

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
