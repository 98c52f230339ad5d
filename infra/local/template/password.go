package template

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// Password is what a generated secret is made of (Secrets Manager API Reference,
// GetRandomPassword).
type Password struct {
	Length                  int // 1 to 4,096 characters
	ExcludeCharacters       string
	ExcludeLowercase        bool
	ExcludeUppercase        bool
	ExcludeNumbers          bool
	ExcludePunctuation      bool
	IncludeSpace            bool
	RequireEachIncludedType bool
}

// Generate makes a password with random, which is crypto/rand.Reader outside
// tests; every password that keeps to the rules is as likely as any other.
func (p Password) Generate(random io.Reader) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	types := p.types()
	alphabet := strings.Join(types, "")
	for {
		password := make([]byte, p.Length)
		for i := range password {
			index, err := rand.Int(random, big.NewInt(int64(len(alphabet))))
			if err != nil {
				return "", fmt.Errorf("generate a secret: %w", err)
			}
			password[i] = alphabet[index.Int64()]
		}
		if !p.RequireEachIncludedType || hasEach(string(password), types) {
			return string(password), nil
		}
	}
}

func hasEach(password string, types []string) bool {
	for _, characters := range types {
		if !strings.ContainsAny(password, characters) {
			return false
		}
	}
	return true
}

// types are the character types included, without what is excluded.
func (p Password) types() []string {
	var types []string
	for _, kind := range []struct {
		excluded   bool
		characters string
	}{
		{p.ExcludeLowercase, "abcdefghijklmnopqrstuvwxyz"},
		{p.ExcludeUppercase, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{p.ExcludeNumbers, "0123456789"},
		{p.ExcludePunctuation, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
		{!p.IncludeSpace, " "},
	} {
		left := strings.Map(func(character rune) rune {
			if strings.ContainsRune(p.ExcludeCharacters, character) {
				return -1
			}
			return character
		}, kind.characters)
		if !kind.excluded && left != "" {
			types = append(types, left)
		}
	}
	return types
}

func (p Password) check() error {
	types := p.types()
	switch {
	case len(types) == 0:
		return errors.New("a generated secret excludes every character")
	case p.Length < 1 || p.Length > 4096:
		return fmt.Errorf("a generated secret has 1 to 4096 characters, not %d", p.Length)
	case p.RequireEachIncludedType && p.Length < len(types):
		return fmt.Errorf("a generated secret of %d characters cannot have each of %d types", p.Length, len(types))
	}
	return nil
}
