// Package browser uses the console as people do: in a real headless Chromium, in front
// of a real local stack. Each test looks at what the page then says, and at the target
// database or the AWS APIs. Without Chromium it is skipped.
//
//	DELFOS_CHROMIUM     the browser's program (default: chromium or the like on the PATH)
//	DELFOS_BROWSER      "required" fails what would be skipped: for CI
//	DELFOS_AXE          axe-core's axe.min.js; without it accessibility is not looked at
//	DELFOS_SCREENSHOTS  a directory for pictures of every page, wide and narrow, light
//	                    and dark; without it each page is opened once, and none is taken
//	DELFOS_README       a directory for the README's pictures
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestMain(m *testing.M) {
	code := m.Run()
	closeBrowser()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// lacks skips a test for want of something; CI has everything.
func lacks(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("DELFOS_BROWSER") == "required" {
		t.Fatal(what)
	}
	t.Skip("SKIPPED: " + what)
}

// browser is one for all tests: each has a profile of its own in it.
var browser struct {
	once  sync.Once
	first context.Context
	close context.CancelFunc
	err   error
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

// theBrowser starts it with the first test that wants it.
func theBrowser(t testing.TB) context.Context {
	t.Helper()
	path, found := chromium()
	if !found {
		lacks(t, "there is no Chromium: install Debian's package chromium, or set DELFOS_CHROMIUM")
	}
	browser.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.NoSandbox, // which root cannot have
			chromedp.DisableGPU, chromedp.WindowSize(wide, 1000), chromedp.Flag("lang", "en-GB"),
		)
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		first, cancel := chromedp.NewContext(allocator)
		browser.first, browser.close = first, func() { cancel(); stop() }
		browser.err = chromedp.Do(first)
	})
	if browser.err != nil {
		t.Fatalf("start %s: %v", path, browser.err)
	}
	return browser.first
}

func closeBrowser() {
	if browser.close != nil {
		browser.close()
	}
}
