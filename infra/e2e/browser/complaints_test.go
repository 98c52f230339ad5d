package browser

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
)

// networkChanged is what the browser says when an interface of the machine has come or
// gone, as those of containers do; it is none of the console's.
const networkChanged = "net::ERR_NETWORK_CHANGED"

// hear gathers what the browser complains of.
func (tab *tab) hear(event any) {
	said := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		said = "exception: " + e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			said += " " + thrown.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			said = "console." + string(e.Type) + ":"
			for _, argument := range e.Args {
				said += " " + string(argument.Value) + argument.Description
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			said = fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	}
	if said == "" {
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	if strings.Contains(said, networkChanged) {
		tab.disturbed = true
		return
	}
	if tab.allowed == nil || !tab.allowed.MatchString(said) {
		tab.complaints = append(tab.complaints, said)
	}
}

func (tab *tab) heard() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return tab.complaints
}

// allow lets the browser complain of what a test is about.
func (tab *tab) allow(pattern string) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.allowed = regexp.MustCompile(pattern)
}

// wasDisturbed tells whether the network has changed since it was asked last.
func (tab *tab) wasDisturbed() bool {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	was := tab.disturbed
	tab.disturbed = false
	return was
}
