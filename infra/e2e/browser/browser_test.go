// Package browser uses the console as people do: in a real headless Chromium, in front
// of a real local stack. Each test looks at what the page then says, and at the target
// database or the AWS APIs. It takes a minute and a half, so that a plain `go test ./...`
// skips it and says so.
//
//	DELFOS_CHROMIUM     the browser's program (default: chromium or the like on the PATH)
//	DELFOS_BROWSER      "on" runs these tests; "required" fails besides what would be
//	                    skipped for want of something: for CI
//	DELFOS_AXE          axe-core's axe.min.js; without it accessibility is not looked at
//	DELFOS_SCREENSHOTS  a directory for pictures of every page, wide and narrow, light
//	                    and dark; without it each page is opened once, and none is taken
//	DELFOS_README       a directory for the README's pictures
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) {
	waitTogether()
	code := m.Run()
	closeBrowser()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// waitTogether has more tests run at once than there are processors, unless told how
// many: what they do is wait, for the next time that a page asks.
func waitTogether() {
	flag.Parse()
	isGiven := false
	flag.Visit(func(f *flag.Flag) { isGiven = isGiven || f.Name == "test.parallel" })
	if !isGiven {
		_ = flag.Set("test.parallel", "6") // it exists
	}
}

// lacks skips a test for want of something; CI has everything.
func lacks(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("DELFOS_BROWSER") == "required" {
		t.Fatal(what)
	}
	t.Skip("SKIPPED: " + what)
}

func chromium() (string, bool) {
	if given := os.Getenv("DELFOS_CHROMIUM"); given != "" {
		return given, true
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// launched is a browser, and the context of its first tab.
type launched struct {
	first context.Context
	close func()
}

// launch starts the browser that is for all tests: each has a profile of its own in it.
var launch = sync.OnceValues(func() (launched, error) {
	started.Store(true)
	path, _ := chromium()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, // which root cannot have
		chromedp.DisableGPU, chromedp.WindowSize(wide, 1000), chromedp.WSURLReadTimeout(within),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	first, cancel := chromedp.NewContext(allocator)
	return launched{first, func() { cancel(); stop() }}, chromedp.Do(first)
})

// started says that there is a browser to close.
var started atomic.Bool

// theBrowser starts with the first test that wants it.
func theBrowser(t testing.TB) context.Context {
	t.Helper()
	if os.Getenv("DELFOS_BROWSER") == "" {
		lacks(t, "the console in a real browser; set DELFOS_BROWSER=on to run it")
	}
	if _, found := chromium(); !found {
		lacks(t, "there is no Chromium: install Debian's package chromium, or set DELFOS_CHROMIUM")
	}
	browser, err := launch()
	if err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return browser.first
}

func closeBrowser() {
	if !started.Load() {
		return
	}
	if browser, _ := launch(); browser.close != nil {
		browser.close()
	}
}
