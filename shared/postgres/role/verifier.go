package role

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
)

const (
	iterations = 4096 // PostgreSQL's own number, and RFC 7677's least
	saltBytes  = 16   // PostgreSQL's own number
)

var errPassword = errors.New("its password is empty, or has other characters than printable ASCII")

// newVerifier is what a server keeps to check a password with (RFC 5802, "SCRAM
// Algorithm Overview"), in the form in which PostgreSQL takes it for a password
// (manual, "pg_authid").
func newVerifier(password string) (string, error) {
	if !isPlain(password) {
		return "", errPassword
	}
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails
	return verifier(password, salt)
}

// isPlain keeps to passwords that SASLprep leaves as they are (RFC 4013), which is
// what clients make of a password first.
func isPlain(password string) bool {
	for _, character := range []byte(password) {
		if character < ' ' || character > '~' {
			return false
		}
	}
	return password != ""
}

func verifier(password string, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	storedKey := sha256.Sum256(authenticate(salted, "Client Key"))
	base := base64.StdEncoding.EncodeToString
	return "SCRAM-SHA-256$" + strconv.Itoa(iterations) + ":" + base(salt) +
		"$" + base(storedKey[:]) + ":" + base(authenticate(salted, "Server Key")), nil
}

func authenticate(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}
