package site_test

import (
	"net/http"
	"strings"
	"testing"

	"delfos/shared/bearer"
	"delfos/shared/console/site"
	"delfos/shared/console/site/sitetest"
	pagetest "delfos/shared/console/sitetest"
)

func TestEveryAnswerIsSecured(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	for _, target := range []string{"/", "/part", "/nowhere", "/broken", "/panic", "/login", "/favicon.ico", "/?" + strings.Repeat("x", 9000)} {
		got := c.get(t, target)
		policy := got.header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, rule) {
				t.Errorf("%s: the policy %q lacks %s", target, policy, rule)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the policy %q is unsafe", target, policy)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", target, name, got.header.Get(name), want)
			}
		}
		sitetest.Clean(t, got.body)
	}
}

func TestOverHTTPSBrowsersStayThere(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	if got := c.get(t, "/", "X-Forwarded-Proto", "https"); got.header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security")
	}
	if got := c.get(t, "/"); got.header.Get("Strict-Transport-Security") != "" {
		t.Error("Strict-Transport-Security over HTTP would lock out localhost")
	}
}

func TestWhatPagesShowIsEscaped(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	c.data = `<script>alert("it's")</script>`
	for _, target := range []string{"/", "/part", "/%3Cscript%3Ealert(1)%3C/script%3E"} {
		if got := c.get(t, target); strings.Contains(got.body, "<script>alert") {
			t.Errorf("%s lets a script in: %s", target, got.body)
		}
	}
}

func TestAnAddressThatIsNoneIsHelpedOn(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	tests := map[string]struct {
		method, target string
		status         int
		want           []string
	}{
		"unknown":       {"GET", "/nowhere", 404, []string{"There is no such page", "/nowhere", `href="/"`}},
		"misspelt":      {"GET", "/partition/2026-02-21", 404, []string{`href="/partitions"`}},
		"another asset": {"GET", "/assets/x/none.css", 404, []string{"There is no such page"}},
		"wrong method":  {"DELETE", "/part", 405, []string{"does not take DELETE", "GET"}},
		"too long":      {"GET", "/?q=" + strings.Repeat("x", 9000), 414, []string{"too long", "8192"}},
	}
	for name, test := range tests {
		got := c.send(t, test.method, test.target, nil)
		if got.status != test.status {
			t.Errorf("%s: status %d, want %d", name, got.status, test.status)
		}
		for _, want := range append(test.want, "<nav", "<main") {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: the page lacks %q", name, want)
			}
		}
	}
	if got := c.send(t, "DELETE", "/part", nil); !strings.Contains(got.header.Get("Allow"), "GET") {
		t.Errorf("Allow is %q", got.header.Get("Allow"))
	}
}

func TestAPageIsNeverHalf(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	got := c.get(t, "/broken")
	if got.status != http.StatusInternalServerError || strings.Contains(got.body, "half a page") || !strings.Contains(got.body, "could not be shown") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if !strings.Contains(c.log.String(), "NoSuchField") {
		t.Error("the log does not say which template failed")
	}
}

func TestAPanicBecomesAPageThatNamesItsLine(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	got := c.get(t, "/panic")
	id := got.header.Get("X-Request-Id")
	if got.status != http.StatusInternalServerError || id == "" || !strings.Contains(got.body, id) || !strings.Contains(got.body, "<nav") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if log := c.log.String(); !strings.Contains(log, id) || !strings.Contains(log, "a fault") {
		t.Errorf("the log lacks the panic: %s", log)
	}
}

func TestAPartIsSentOnlyWhenItHasChanged(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	first := c.get(t, "/part", "Delfos-Fragment", "1")
	tag := first.header.Get("ETag")
	if first.status != http.StatusOK || tag == "" || strings.Contains(first.body, "<html") {
		t.Fatalf("%d, ETag %q: %s", first.status, tag, first.body)
	}
	for _, known := range []string{tag, `"other", ` + tag, strings.TrimPrefix(tag, "W/"), "*"} {
		if again := c.get(t, "/part", "If-None-Match", known); again.status != http.StatusNotModified || again.body != "" || again.header.Get("ETag") != tag {
			t.Errorf("%s: %d %q", known, again.status, again.body)
		}
	}
	c.data = "other content"
	if changed := c.get(t, "/part", "If-None-Match", tag); changed.status != http.StatusOK || !strings.Contains(changed.body, "other content") {
		t.Errorf("%d %s", changed.status, changed.body)
	}
}

func TestAPageCarriesTheTagsOfItsParts(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	found := pagetest.LiveParts(c.get(t, "/live").body)
	if len(found) != 2 {
		t.Fatalf("%d live parts, want 2", len(found))
	}
	other := newConsole(t, site.Options{}) // another process of the same console
	other.cookies = c.cookies
	stranger := newConsole(t, site.Options{})
	for _, part := range found {
		for name, process := range map[string]*console{"the same process": c, "another": other} {
			if got := process.get(t, part.Path, "If-None-Match", part.Tag); got.status != http.StatusNotModified {
				t.Errorf("%s: %s answers the first poll of an unchanged part by %d", part.Path, name, got.status)
			}
		}
		// A form is of one browser, so that another has to get its own.
		want := map[string]int{"/part": http.StatusOK, "/plain": http.StatusNotModified}[part.Path]
		if got := stranger.get(t, part.Path, "If-None-Match", part.Tag); got.status != want {
			t.Errorf("%s: another browser is answered by %d, want %d", part.Path, got.status, want)
		}
	}
	c.data = "other content"
	for _, part := range found {
		if got := c.get(t, part.Path, "If-None-Match", part.Tag); got.status != http.StatusOK {
			t.Errorf("%s: changed, it is answered by %d", part.Path, got.status)
		}
	}
}

func TestAPartThatFailsIsAPart(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	got := c.get(t, "/nowhere", "Delfos-Fragment", "1")
	if got.status != http.StatusNotFound || strings.Contains(got.body, "<html") || !strings.Contains(got.body, "There is no such page") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestLongTextIsCompressedForWhoTakesIt(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{})
	tests := map[string]bool{
		"": false, "gzip": true, "br, gzip;q=0.8": true, "gzip;q=0": false, "gzip;q=0.0, br": false, "GZIP": true, "identity": false,
	}
	for accepted, want := range tests {
		got := c.get(t, "/long", "Accept-Encoding", accepted)
		if got.gzip != want || !strings.Contains(got.body, "again") || got.header.Get("Vary") == "" {
			t.Errorf("%q: compressed %t, want %t", accepted, got.gzip, want)
		}
	}
	if got := c.get(t, "/part", "Accept-Encoding", "gzip"); got.gzip {
		t.Error("a part of a few bytes is compressed")
	}
}

func TestAssetsAreKeptUntilTheyChange(t *testing.T) {
	t.Parallel()
	c := newConsole(t, site.Options{Token: bearer.Fixed("token")}) // nobody has signed in
	page := c.get(t, "/login").body
	at := strings.Index(page, "/assets/")
	prefix := page[at : at+len("/assets/")+16]
	clear(c.cookies)
	for name, kind := range map[string]string{"site.css": "text/css", "site.js": "text/javascript", "theme.js": "text/javascript", "icon.svg": "image/svg+xml"} {
		got := c.get(t, prefix+"/"+name, "Accept-Encoding", "gzip")
		if got.status != http.StatusOK || !strings.HasPrefix(got.header.Get("Content-Type"), kind) || !strings.Contains(got.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, got.status, got.header)
		}
		if len(got.header["Set-Cookie"]) != 0 {
			t.Errorf("%s: caches would keep a cookie", name)
		}
		if old := c.get(t, "/assets/0000000000000000/"+name); old.status != http.StatusOK || old.header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s of another version: %d %v", name, old.status, old.header)
		}
	}
}

func TestTwoAssetsOfOneNameAreRefused(t *testing.T) {
	t.Parallel()
	s := site.New(site.Options{Secret: bearer.Fixed("secret")})
	s.AddAssets(files("a.js", "1"))
	s.AddAssets(files("a.js", "1"))
	defer func() {
		if recover() == nil {
			t.Error("another file of the same name was taken")
		}
	}()
	s.AddAssets(files("a.js", "2"))
}

func TestASiteWithoutASecretDoesNotStart(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("it started")
		}
	}()
	site.New(site.Options{})
}
