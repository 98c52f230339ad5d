package sourcehttp

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// tokenCheck compares bearer tokens (RFC 6750) by their hashes, in a time that
// tells nothing of the token, not even its length.
type tokenCheck [sha256.Size]byte

func newTokenCheck(token string) tokenCheck { return sha256.Sum256([]byte(token)) }

// check takes the values of the Authorization header and tells what is wrong.
func (c tokenCheck) check(authorization []string) *problem {
	if len(authorization) == 0 {
		return missingToken()
	}
	scheme, token, _ := strings.Cut(authorization[0], " ")
	if len(authorization) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return missingToken()
	}
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(given[:], c[:]) != 1 {
		return wrongToken()
	}
	return nil
}
