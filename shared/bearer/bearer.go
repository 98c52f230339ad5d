// Package bearer checks the bearer tokens (RFC 6750) of whoever asks an API.
package bearer

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
)

// What is wrong with a request, as Check tells.
var (
	ErrMissing = errors.New("there is no bearer token")
	ErrWrong   = errors.New("the bearer token is wrong")
)

// Token is an API's one token, for whoever checks it or presents it. It may be changed at
// any time.
type Token interface {
	// Text is the token, as it was not long ago.
	Text(ctx context.Context) (string, error)
	// Renewed is the token, read anew. The error says that it could not be.
	Renewed(ctx context.Context) (string, error)
}

// Fixed is a Token that does not change.
type Fixed string

// Text is the token.
func (f Fixed) Text(context.Context) (string, error) { return string(f), nil }

// Renewed is the token too.
func (f Fixed) Renewed(context.Context) (string, error) { return string(f), nil }

// Check checks what is presented against an API's token. It compares by hashes, in a time
// that tells nothing of the token, not even its length.
type Check struct{ token Token }

// NewCheck makes the check of a token. It panics if there is none: an API that anybody
// could read must not start.
func NewCheck(token Token) Check {
	if token == nil || token == Fixed("") {
		panic("bearer: the token is empty")
	}
	return Check{token}
}

// Authorization takes the values of the Authorization header. It returns nil where they
// are the token, ErrMissing where they are not one bearer token, and else what Presented
// does.
func (c Check) Authorization(ctx context.Context, values []string) error {
	if len(values) != 1 {
		return ErrMissing
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ErrMissing
	}
	return c.Presented(ctx, strings.TrimSpace(token))
}

// Presented returns nil where it is the token, and ErrWrong where it is not and was not
// either when the token was read anew for that. Any other error says that this could not
// be told: who presents it may be right, and is not to be told otherwise.
func (c Check) Presented(ctx context.Context, presented string) error {
	if presented == "" {
		return ErrWrong // and nothing is read for it
	}
	known, err := c.token.Text(ctx)
	if err == nil && same(presented, known) {
		return nil
	}
	known, err = c.token.Renewed(ctx)
	if err != nil {
		return fmt.Errorf("the bearer token is none that is known, and the right one could not be read anew: %w", err)
	}
	if !same(presented, known) {
		return ErrWrong
	}
	return nil
}

func same(presented, token string) bool {
	a, b := sha256.Sum256([]byte(presented)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
