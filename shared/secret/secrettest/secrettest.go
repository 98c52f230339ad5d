// Package secrettest has secrets that a test changes, and tokens that are read from them.
package secrettest

import (
	"context"
	"testing"
	"time"

	"delfos/shared/bearer"
	"delfos/shared/secret"
)

// Secret is what its readers find when they read it. It is for one goroutine at a time.
type Secret struct {
	Text  string
	Err   error     // why it cannot be read
	At    time.Time // what time it is for its readers
	Reads int       // how often it was read
}

// Token is the secret's text by a Keeper of its own, which reads it at once.
func (s *Secret) Token(t testing.TB) bearer.Token {
	t.Helper()
	read := func(context.Context, string) (string, error) {
		s.Reads++
		return s.Text, s.Err
	}
	token, err := secret.NewKeeper(read, func() time.Time { return s.At }).Token(t.Context(), "", "arn")
	if err != nil {
		t.Fatal(err)
	}
	return token
}
