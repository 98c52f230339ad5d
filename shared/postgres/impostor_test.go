package postgres_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"delfos/shared/postgres"
)

// impostor answers as a PostgreSQL with TLS does, with a certificate of its own making
// for the host's name.
func impostor(t *testing.T, host string) net.Addr {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, made, made, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			// SSLRequest is eight bytes (PostgreSQL manual, "Message Formats").
			if _, err := io.ReadFull(conn, make([]byte, 8)); err == nil {
				_, _ = conn.Write([]byte{'S'})
				_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}).Handshake()
			}
			_ = conn.Close()
		}
	}()
	return listener.Addr()
}

func TestWhoeverIsNotVouchedForGetsNoPassword(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"source.cluster-abc.eu-west-1.rds.amazonaws.com", "db.example.com"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			dsn, err := postgres.DSN(`{"host":"` + host + `","username":"u","password":"hush","dbname":"d"}`)
			if err != nil {
				t.Fatal(err)
			}
			config, err := postgres.ParseConfig(dsn)
			if err != nil {
				t.Fatal(err)
			}
			address := impostor(t, host)
			config.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
			config.DialFunc = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, address.String())
			}
			_, err = pgx.ConnectConfig(t.Context(), config)
			if !errors.As(err, new(*tls.CertificateVerificationError)) {
				t.Errorf("got %v, want the certificate to be refused", err)
			}
		})
	}
}
