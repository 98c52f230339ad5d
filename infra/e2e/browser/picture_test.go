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
	if dir := os.Getenv("DELFOS_SCREENSHOTS"); dir != "" {
		tab.take(filepath.Join(dir, name+".png"), true)
	}
}

// take writes a PNG of the whole page, or of what one sees of it without scrolling.
func (tab *tab) take(path string, whole bool) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, within)
	defer cancel()
	params := page.CaptureScreenshotParams{CaptureBeyondViewport: &whole}
	if whole {
		size, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`[document.documentElement.scrollWidth, document.documentElement.scrollHeight]`))
		if err != nil || len(size) != 2 {
			tab.t.Errorf("picture %s: %v", path, err)
			return
		}
		params.Clip = &page.Viewport{Width: size[0], Height: size[1], Scale: 1}
	}
	taken, err := chromedp.Call(ctx, page.CaptureScreenshot, params)
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
