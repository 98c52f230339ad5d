package site

import (
	"html/template"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"delfos/shared/bearer"
)

func TestTimesAreThoseOfTheZoneWithUTCBehind(t *testing.T) {
	t.Parallel()
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 7, 1, 23, 30, 0, 5e6, time.UTC)
	tests := map[string]struct {
		zone *time.Location
		from any
		want []string
	}{
		"summer":         {lisbon, at, []string{`datetime="2026-07-01T23:30:00.005Z"`, ">2026-07-02 00:30:00<", "2026-07-02 00:30:00 WEST (Europe/Lisbon)\n2026-07-01 23:30:00 UTC"}},
		"a pointer":      {lisbon, &at, []string{">2026-07-02 00:30:00<"}},
		"UTC":            {time.UTC, at, []string{`title="2026-07-01 23:30:00 UTC"`, ">2026-07-01 23:30:00<"}},
		"none":           {lisbon, time.Time{}, []string{"–"}},
		"no pointer":     {lisbon, (*time.Time)(nil), []string{"–"}},
		"something else": {lisbon, "yesterday", []string{"–"}},
	}
	for name, test := range tests {
		s := New(Options{Secret: bearer.Fixed("secret"), Location: test.zone})
		got := string(s.when(test.from))
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s lacks %q", name, got, want)
			}
		}
	}
}

func TestNumbersAreForPeople(t *testing.T) {
	t.Parallel()
	tests := []struct{ got, want string }{
		{Duration(0), "0 ms"},
		{Duration(time.Microsecond), "under 1 ms"},
		{Duration(27 * time.Millisecond), "27 ms"},
		{Duration(1440 * time.Millisecond), "1.4 s"},
		{Duration(42 * time.Second), "42 s"},
		{Duration(125 * time.Second), "2 min 05 s"},
		{Duration(59*time.Minute + 59*time.Second + 600*time.Millisecond), "60 min 00 s"},
		{Duration(192 * time.Minute), "3 h 12 min"},
		{Duration(50 * time.Hour), "2 d 2 h"},
		{Duration(-3 * time.Second), "–3.0 s"},
		{Number(0), "0"},
		{Number(999), "999"},
		{Number(14400), "14,400"},
		{Number(int64(-1234567)), "–1,234,567"},
		{decimal(2, 3.14159), "3.14"},
		{decimal(1, math.NaN()), "–"},
		{percent(1), "100 %"},
		{percent(0.99999), "99.99 %"},
		{percent(0.25), "25 %"},
		{percent(0.001), "under 1 %"},
		{percent(0), "0 %"},
		{byteSize(17), "17 bytes"},
		{byteSize(1_234_567), "1.2 MB"},
		{plural(1, "day", "days"), "1 day"},
		{plural(3653, "day", "days"), "3,653 days"},
		{sentence("it is down"), "It is down."},
		{sentence("É assim!"), "É assim!"},
		{sentence(""), ""},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestEveryStateIsToldByMoreThanColour(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"materialized", "STALE", "PENDING_REDRIVE", "", "a state that is yet to come", "<b>"} {
		drawn, err := badge(state)
		if err != nil {
			t.Fatal(err)
		}
		text := string(drawn)
		if !strings.Contains(text, "<svg") || strings.Contains(text, "<b>") || strings.HasSuffix(text, "</svg></span>") {
			t.Errorf("%q: %s", state, text)
		}
	}
}

func TestEveryStateAndSectionHasItsIcon(t *testing.T) {
	t.Parallel()
	for name, word := range words {
		if _, ok := icons[word.Icon]; !ok {
			t.Errorf("%s: there is no icon %q", name, word.Icon)
		}
	}
	for _, section := range sections {
		if _, ok := icons[section.Name]; !ok {
			t.Errorf("there is no icon for %q", section.Name)
		}
	}
}

func TestAddressesLeaveOutWhatIsNotChosen(t *testing.T) {
	t.Parallel()
	got, err := address("/runs", "partition", "", "state", "a b&c", "page", 2)
	if err != nil || got != "/runs?state=a+b%26c&page=2" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := address("/runs", "partition", ""); err != nil || got != "/runs" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := address("/runs", "partition"); err == nil {
		t.Error("a name without a value is taken")
	}
}

func TestJSONIsIndentedAndOtherTextLeft(t *testing.T) {
	t.Parallel()
	for _, content := range []any{`{"a":1}`, []byte(`{"a":1}`), map[string]int{"a": 1}} {
		if got := pretty(content); got != "{\n  \"a\": 1\n}" {
			t.Errorf("%v: %q", content, got)
		}
	}
	if got := pretty("no JSON"); got != "no JSON" {
		t.Errorf("%q", got)
	}
}

func TestTemplatesThatAreWrongSaySo(t *testing.T) {
	t.Parallel()
	s := New(Options{Secret: bearer.Fixed("secret")})
	for _, text := range []string{`{{icon "none"}}`, `{{asset "none"}}`, `{{dict 1 2}}`, `{{dict "a"}}`, `{{url "/" "a"}}`} {
		parsed := template.Must(template.New("").Funcs(s.Funcs()).Parse(text))
		if err := parsed.Execute(new(strings.Builder), nil); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func FuzzLocalPathsStayHere(f *testing.F) {
	for _, seed := range []string{"/", "/runs?x=1", "//evil", `/\evil`, "/\tevil", "https://evil", "", "/%2f/evil"} {
		f.Add(seed)
	}
	here, err := url.Parse("https://console.example.com/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		path := localPath(next)
		to, err := here.Parse(path)
		if err == nil && to.Host != here.Host {
			t.Errorf("%q leads to %s", next, to)
		}
		if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.HasPrefix(path, `/\`) {
			t.Errorf("%q becomes %q", next, path)
		}
	})
}

func FuzzSessionsCannotBeMadeUp(f *testing.F) {
	k, other := newKeys("secret"), newKeys("another")
	now := time.Unix(1_772_000_000, 0)
	f.Add(k.sealSession("ana", now))
	f.Add(other.sealSession("ana", now.Add(time.Hour)))
	f.Add("..")
	f.Fuzz(func(t *testing.T, sealed string) {
		if actor := k.openSession(sealed, now); actor != "" {
			t.Errorf("%q opens a session of %q", sealed, actor)
		}
	})
}
