package bearer_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"delfos/shared/bearer"
)

const token = "s3cret"

func TestOnlyTheTokenOfTheAPIIsRight(t *testing.T) {
	t.Parallel()
	check := bearer.NewCheck(token)
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
			if got := check.Authorization(test.values); !errors.Is(got, test.want) {
				t.Errorf("%q: %v, want %v", test.values, got, test.want)
			}
		})
	}
}

func TestAnEmptyTokenIsNone(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an API without a token starts, and anybody can read it")
		}
	}()
	bearer.NewCheck("")
}

// right is the header of a client that has the token, written down independently.
var right = regexp.MustCompile(`^(?i:bearer) \s*` + token + `\s*$`)

func FuzzOnlyTheTokenIsRight(f *testing.F) {
	for _, seed := range []string{"Bearer s3cret", "bearer \ts3cret\n", "Bearer", "Bearer s3cret\x00", "", "Basic s3cret", "Bearer s3cret,Bearer s3cret", "\xffBearer s3cret"} {
		f.Add(seed)
	}
	check := bearer.NewCheck(token)
	f.Fuzz(func(t *testing.T, header string) {
		err := check.Authorization([]string{header})
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
