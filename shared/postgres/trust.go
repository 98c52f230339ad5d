package postgres

import (
	"crypto/tls"
	"crypto/x509"
	_ "embed" // the bundle
	"errors"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// rdsBundle are the root certificates of RDS in the regions that infra/aws/README.md
// lists (RDS User Guide, "Using SSL/TLS to encrypt a connection to a DB instance or
// cluster"), those of its betas and those that have expired left out. No system knows
// them: RDS signs the certificates of its databases itself. For another region, AWS's
// own global-bundle.pem takes this file's place.
//
//go:embed rds.pem
var rdsBundle []byte

// rdsRoots are the bundle's certificates, read when a database of RDS is first
// connected to.
var rdsRoots = sync.OnceValue(func() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(rdsBundle)
	return roots
})

// trust lets RDS vouch for its own databases, and nobody else for them. A
// connection string that names certificates of its own (sslrootcert) goes by
// these, and other hosts by the system's.
func trust(config *pgx.ConnConfig) {
	if config.TLSConfig != nil && config.TLSConfig.RootCAs == nil && ofRDS(config.Host) {
		config.TLSConfig.RootCAs = rdsRoots()
	}
	for _, fallback := range config.Fallbacks {
		if fallback.TLSConfig != nil && fallback.TLSConfig.RootCAs == nil && ofRDS(fallback.Host) {
			fallback.TLSConfig.RootCAs = rdsRoots()
		}
	}
}

// ofRDS tells the endpoints of instances and clusters. Those of RDS Proxy
// (…proxy-….region.rds.amazonaws.com) have certificates that every system knows (RDS
// User Guide, "Using TLS/SSL with RDS Proxy").
func ofRDS(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.Contains(host, ".proxy-") {
		return false
	}
	return strings.HasSuffix(host, ".rds.amazonaws.com") || strings.HasSuffix(host, ".rds.amazonaws.com.cn")
}

// notTrusted tells the errors of a certificate that was looked at and refused.
func notTrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}
