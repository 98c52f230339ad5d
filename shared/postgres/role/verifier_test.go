package role

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

// The example of RFC 7677, section 3: from what a server keeps, its signature of the
// exchange follows, and whether the client's proof is the password's.
func TestAVerifierIsWhatRFC7677ChecksAPasswordWith(t *testing.T) {
	t.Parallel()
	const exchange = "n=user,r=rOprNGfwEbeRWgbNEkqO," +
		"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
		"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	made, err := verifier("pencil", decode(t, "W22ZaJ0SNY7soEsUEjb6gQ=="))
	if err != nil {
		t.Fatal(err)
	}
	keys, isOurs := strings.CutPrefix(made, "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")
	stored, server, isPair := strings.Cut(keys, ":")
	if !isOurs || !isPair {
		t.Fatalf("made %s", made)
	}
	if got, want := authenticate(decode(t, server), exchange), decode(t, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="); !hmac.Equal(got, want) {
		t.Error("the server's signature is not that of the RFC")
	}
	clientKey := decode(t, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=") // the proof, which hides the key
	for i, mask := range authenticate(decode(t, stored), exchange) {
		clientKey[i] ^= mask
	}
	if got := sha256.Sum256(clientKey); !hmac.Equal(got[:], decode(t, stored)) {
		t.Error("the proof of the RFC is refused")
	}
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func TestAVerifierIsNeverMadeTwiceAndOfPrintableASCIIAlone(t *testing.T) {
	t.Parallel()
	first, err := newVerifier("pencil")
	again, againErr := newVerifier("pencil")
	if err != nil || againErr != nil || first == again {
		t.Errorf("two of one password: %s, %v and %s, %v", first, err, again, againErr)
	}
	for _, password := range []string{"", "a\x00b", "tab\t", "naïve", "a\u00adb", "\x7f"} {
		if made, err := newVerifier(password); err == nil {
			t.Errorf("%q became %s", password, made)
		}
	}
}

func TestNamesAndTextsAreQuoted(t *testing.T) {
	t.Parallel()
	if got, want := identifier(`a"b; DROP`), `"a""b; DROP"`; got != want {
		t.Errorf("identifier %s, want %s", got, want)
	}
	if got, want := literal(`a'b\`), `'a''b\'`; got != want {
		t.Errorf("literal %s, want %s", got, want)
	}
}
