package bearer_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"delfos/shared/bearer"
)

const token = "s3cret"

func TestOnlyTheTokenOfTheAPIIsRight(t *testing.T) {
	t.Parallel()
	check := bearer.NewCheck(bearer.Fixed(token))
	for name, test := range map[string]struct {
		values []string
		want   error
	}{
		"the token":                {[]string{"Bearer s3cret"}, nil},
		"another case":             {[]string{"bEARER s3cret"}, nil},
		"more spaces":              {[]string{"Bearer   s3cret "}, nil},
		"no header":                {nil, bearer.ErrMissing},
		"an empty header":          {[]string{""}, bearer.ErrMissing},
		"the token alone":          {[]string{"s3cret"}, bearer.ErrMissing},
		"another scheme":           {[]string{"Basic s3cret"}, bearer.ErrMissing},
		"no space":                 {[]string{"Bearers3cret"}, bearer.ErrMissing},
		"two headers":              {[]string{"Bearer s3cret", "Bearer s3cret"}, bearer.ErrMissing},
		"two headers in one":       {[]string{"Bearer s3cret,Bearer s3cret"}, bearer.ErrWrong},
		"no token":                 {[]string{"Bearer"}, bearer.ErrWrong},
		"an empty token":           {[]string{"Bearer "}, bearer.ErrWrong},
		"another token":            {[]string{"Bearer secret"}, bearer.ErrWrong},
		"in another case":          {[]string{"Bearer S3CRET"}, bearer.ErrWrong},
		"the token's beginning":    {[]string{"Bearer s3cre"}, bearer.ErrWrong},
		"the token and more":       {[]string{"Bearer s3cret2"}, bearer.ErrWrong},
		"the token, and a comment": {[]string{"Bearer s3cret x"}, bearer.ErrWrong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := check.Authorization(t.Context(), test.values); !errors.Is(got, test.want) {
				t.Errorf("%q: %v, want %v", test.values, got, test.want)
			}
		})
	}
}

func TestAnEmptyTokenIsNone(t *testing.T) {
	t.Parallel()
	for _, none := range []bearer.Token{nil, bearer.Fixed("")} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("an API without a token starts, and anybody can read it")
				}
			}()
			bearer.NewCheck(none)
		}()
	}
}

// rotating is a token that is changed; what is kept of it is what it was.
type rotating struct {
	was, is string
	err     error // of reading it anew
	reads   int
}

func (r *rotating) Text(context.Context) (string, error) { return r.was, nil }

func (r *rotating) Renewed(context.Context) (string, error) {
	r.reads++
	if r.err == nil {
		r.was = r.is
	}
	return r.was, r.err
}

func TestAWrongTokenIsCheckedAgainWithTheTokenReadAnew(t *testing.T) {
	t.Parallel()
	unreadable := errors.New("throttled")
	for name, test := range map[string]struct {
		presented string
		token     rotating
		want      error
		reads     int
	}{
		"the one that is kept":          {"Bearer old", rotating{was: "old", is: "new"}, nil, 0},
		"the new one":                   {"Bearer new", rotating{was: "old", is: "new"}, nil, 1},
		"the old one, once it is known": {"Bearer old", rotating{was: "new", is: "new"}, bearer.ErrWrong, 1},
		"a wrong one":                   {"Bearer other", rotating{was: "old", is: "new"}, bearer.ErrWrong, 1},
		"none":                          {"", rotating{was: "old", is: "new"}, bearer.ErrMissing, 0},
		"an empty one":                  {"Bearer ", rotating{was: "old", is: "new"}, bearer.ErrWrong, 0},
		"an empty one for an empty one": {"Bearer ", rotating{}, bearer.ErrWrong, 0},
		"one, where there is none":      {"Bearer x", rotating{}, bearer.ErrWrong, 1},
		"the kept one in an outage":     {"Bearer old", rotating{was: "old", err: unreadable}, nil, 0},
		"another one in an outage":      {"Bearer new", rotating{was: "old", err: unreadable}, unreadable, 1},
	} {
		err := bearer.NewCheck(&test.token).Authorization(t.Context(), []string{test.presented})
		if !errors.Is(err, test.want) || test.token.reads != test.reads {
			t.Errorf("%s: %v after %d readings, want %v after %d", name, err, test.token.reads, test.want, test.reads)
		}
		if errors.Is(test.want, unreadable) && (errors.Is(err, bearer.ErrWrong) || errors.Is(err, bearer.ErrMissing)) {
			t.Errorf("%s is taken for wrong, which nobody can know: %v", name, err)
		}
	}
}

// right is the header of a client that has the token, written down independently.
var right = regexp.MustCompile(`^(?i:bearer) \s*` + token + `\s*$`)

func FuzzOnlyTheTokenIsRight(f *testing.F) {
	for _, seed := range []string{"Bearer s3cret", "bearer \ts3cret\n", "Bearer", "Bearer s3cret\x00", "", "Basic s3cret", "Bearer s3cret,Bearer s3cret", "\xffBearer s3cret"} {
		f.Add(seed)
	}
	check := bearer.NewCheck(bearer.Fixed(token))
	f.Fuzz(func(t *testing.T, header string) {
		err := check.Authorization(t.Context(), []string{header})
		if err == nil && !right.MatchString(asASCII(header)) {
			t.Errorf("%q is let in", header)
		}
		if err != nil && right.MatchString(header) {
			t.Errorf("%q is turned away: %v", header, err)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("the error shows the token: %v", err)
		}
	})
}

// asASCII has ASCII spaces for those of Unicode, which may stand around a token too.
func asASCII(header string) string { return strings.Join(strings.Fields(header), " ") }
