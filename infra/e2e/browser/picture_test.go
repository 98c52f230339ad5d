package browser

import (
	"context"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// theme asks for light or dark, and for nothing that moves.
func (tab *tab) theme(name string) {
	tab.t.Helper()
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// picture takes one of the whole page, where pictures are wanted.
func (tab *tab) picture(name string) {
	tab.t.Helper()
	dir := os.Getenv("DELFOS_SCREENSHOTS")
	if dir == "" {
		return
	}
	// As high as the page, so that what stays in view is where it belongs.
	ctx, cancel := context.WithTimeout(tab.ctx, within)
	defer cancel()
	size, err := chromedp.Run(ctx, chromedp.Evaluate[[]int64](`[innerWidth, innerHeight, document.documentElement?.scrollHeight ?? 0]`))
	if err != nil || len(size) != 3 {
		tab.t.Errorf("picture %s: %v", name, err)
		return
	}
	tab.resize(size[0], max(size[1], size[2]))
	tab.take(filepath.Join(dir, name+".png"))
	tab.resize(size[0], size[1])
}

// take writes a PNG of what one sees.
func (tab *tab) take(path string) {
	tab.t.Helper()
	taken, err := try(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, taken.Data, 0o644)
	}
	if err != nil {
		tab.t.Errorf("picture %s: %v", path, err)
	}
}
