package site

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// keys sign what browsers bring back, one for each purpose.
type keys struct {
	session, form []byte
}

func newKeys(secret string) keys {
	return keys{derive(secret, "delfos console session"), derive(secret, "delfos console form")}
}

// derive makes a key for one purpose, from which the secret cannot be told.
func derive(secret, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, purpose, sha256.Size)
	if err != nil {
		panic(err) // only for a length that HKDF cannot give
	}
	return key
}

func randomID() string { return rand.Text() }

func sign(key []byte, parts ...string) string {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// formToken is what a form of this browser, and of who is signed in, must bring.
func (k keys) formToken(b browser) string { return sign(k.form, b.id, b.actor) }

func (k keys) formTokenIs(b browser, token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(k.formToken(b))) == 1
}

// sealSession says who is signed in, and until when.
func (k keys) sealSession(actor string, until time.Time) string {
	name, end := base64.RawURLEncoding.EncodeToString([]byte(actor)), strconv.FormatInt(until.Unix(), 10)
	return name + "." + end + "." + sign(k.session, name, end)
}

// openSession is who is signed in at the instant now; "" where the session is over or not ours.
func (k keys) openSession(sealed string, now time.Time) (actor string) {
	parts := strings.Split(sealed, ".")
	if len(parts) != 3 {
		return ""
	}
	if subtle.ConstantTimeCompare([]byte(parts[2]), []byte(sign(k.session, parts[0], parts[1]))) != 1 {
		return ""
	}
	until, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || now.Unix() >= until {
		return ""
	}
	name, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil {
		return ""
	}
	return string(name)
}

// sameSecret compares in a time that tells nothing of where they differ, nor of
// their length.
func sameSecret(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
