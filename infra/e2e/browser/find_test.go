package browser

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
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
	found, why := false, "it is not there"
	defer func() {
		if !found {
			tab.t.Logf("%s: %s", e, why)
		}
	}()
	tab.until("there is "+e.String(), func() bool {
		object := tab.find(e)
		if object == "" {
			return false
		}
		ctx, cancel := context.WithTimeout(tab.ctx, within)
		defer cancel()
		var err error
		value, err = chromedp.Run(ctx, chromedp.CallFunctionOn[T](function, func(p *runtime.CallFunctionOnParams) { p.ObjectID = object }))
		found, why = err == nil, fmt.Sprint(err)
		return found
	})
	return value
}
