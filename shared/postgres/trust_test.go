package postgres_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"
	"time"

	"delfos/shared/postgres"
)

func TestRDSAloneVouchesForItsHostsAndTheSystemForOthers(t *testing.T) {
	t.Parallel()
	for dsn, bundled := range map[string]bool{
		"postgres://u:p@source.cluster-abc.eu-west-1.rds.amazonaws.com/d?sslmode=verify-full":    true,
		"postgres://u:p@Source.cluster-abc.eu-west-1.RDS.amazonaws.com:5432/d?sslmode=verify-ca": true,
		"postgres://u:p@db.abc.cn-north-1.rds.amazonaws.com.cn/d?sslmode=verify-full":            true,
		"postgres://u:p@pool.proxy-abc.eu-west-1.rds.amazonaws.com/d?sslmode=verify-full":        false,
		"postgres://u:p@pool.endpoint.proxy-abc.eu-west-1.rds.amazonaws.com/d?sslmode=verify-ca": false,
		"postgres://u:p@db.example.com/d?sslmode=verify-full":                                    false,
		"postgres://u:p@rds.amazonaws.com.example.com/d?sslmode=verify-full":                     false,
		"postgres://u:p@notrds.amazonaws.com/d?sslmode=verify-full":                              false,
	} {
		config, err := postgres.ParseConfig(dsn)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.TLSConfig.RootCAs != nil; got != bundled {
			t.Errorf("%s: by RDS's certificates: %t, want %t", dsn, got, bundled)
		}
		if strings.Contains(dsn, "verify-full") && (config.TLSConfig.InsecureSkipVerify || config.TLSConfig.ServerName != config.Host) {
			t.Errorf("%s: the certificate is not held against the host's name", dsn)
		}
	}
}

func TestEveryCertificateOfTheBundleIsARootOfRDSThatHolds(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("rds.pem")
	if err != nil {
		t.Fatal(err)
	}
	regions := map[string]bool{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		name := certificate.Subject.CommonName
		if !strings.HasPrefix(name, "Amazon RDS ") || !certificate.IsCA || !bytes.Equal(certificate.RawSubject, certificate.RawIssuer) ||
			certificate.CheckSignatureFrom(certificate) != nil {
			t.Errorf("%s is not a root of RDS", name)
		}
		if certificate.NotAfter.Before(time.Now().AddDate(1, 0, 0)) {
			t.Errorf("%s ends on %s: bring the bundle up to date", name, certificate.NotAfter.Format(time.DateOnly))
		}
		regions[strings.Fields(name)[2]] = true
	}
	for region := range regions {
		if readme, err := os.ReadFile("../../infra/aws/README.md"); err != nil || !strings.Contains(string(readme), region) {
			t.Errorf("infra/aws/README.md does not list %s: %v", region, err)
		}
	}
}
