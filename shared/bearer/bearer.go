// Package bearer checks the bearer tokens (RFC 6750) of whoever asks an API.
package bearer

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
)

// What is wrong with a request, as Check.Authorization tells.
var (
	ErrMissing = errors.New("there is no bearer token")
	ErrWrong   = errors.New("the bearer token is wrong")
)

// Check knows an API's one token. It compares by hashes, in a time that tells nothing
// of the token, not even its length.
type Check [sha256.Size]byte

// NewCheck makes the check of a token. It panics if the token is empty: an API that
// anybody could read must not start.
func NewCheck(token string) Check {
	if token == "" {
		panic("bearer: the token is empty")
	}
	return sha256.Sum256([]byte(token))
}

// Authorization takes the values of the Authorization header. It returns nil where they
// are the token, ErrMissing where they are not one bearer token, and else ErrWrong.
func (c Check) Authorization(values []string) error {
	if len(values) != 1 {
		return ErrMissing
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ErrMissing
	}
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(given[:], c[:]) != 1 {
		return ErrWrong
	}
	return nil
}
