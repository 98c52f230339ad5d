package template_test

import (
	"crypto/rand"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"delfos/infra/local/template"
)

func TestAGeneratedSecretKeepsToItsRules(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		password template.Password
		want     string
	}{
		"letters and digits": {template.Password{Length: 40, ExcludePunctuation: true, RequireEachIncludedType: true}, `^[A-Za-z0-9]{40}$`},
		"digits":             {template.Password{Length: 6, ExcludePunctuation: true, ExcludeLowercase: true, ExcludeUppercase: true}, `^[0-9]{6}$`},
		"without vowels":     {template.Password{Length: 99, ExcludeCharacters: "aeiouAEIOU", ExcludePunctuation: true}, `^[^aeiouAEIOU]{99}$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.password.Generate(rand.Reader)
			if err != nil || !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("got %q, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestAGeneratedSecretHasEachIncludedType(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		password := template.Password{
			Length:                  rapid.IntRange(4, 64).Draw(t, "length"),
			IncludeSpace:            rapid.Bool().Draw(t, "space"),
			ExcludeNumbers:          rapid.Bool().Draw(t, "no numbers"),
			RequireEachIncludedType: true,
		}
		got, err := password.Generate(rand.Reader)
		if err != nil {
			if password.Length > 4 {
				t.Fatal(err)
			}
			return
		}
		if len(got) != password.Length || strings.Contains(got, " ") != password.IncludeSpace ||
			strings.ContainsAny(got, "0123456789") == password.ExcludeNumbers {
			t.Fatalf("%+v gave a password that does not keep to it", password)
		}
	})
}

func TestASecretThatCannotBeGeneratedIsRefused(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]template.Password{
		"no characters": {Length: 8, ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true},
		"no length":     {},
		"too short":     {Length: 3, RequireEachIncludedType: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := password.Generate(rand.Reader); err == nil {
				t.Errorf("got %d characters, want an error", len(got))
			}
		})
	}
}
