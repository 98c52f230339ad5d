package endpoint

import (
	"net"
	"net/http"
	"strings"
)

// Hosts are names that requests may come under besides this machine's own, localhost
// and the loopback addresses.
type Hosts []string

// Only keeps requests from a handler that came under another name: a web page whose
// own name an attacker lets point to 127.0.0.1 reaches nothing.
func Only(hosts Hosts, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !hosts.accept(r.Host) {
			refuse(w, http.StatusForbidden, "AccessDeniedException",
				"this answers to localhost and 127.0.0.1 alone, and to names that `delfos up --allow-host` was given")
			return
		}
		handler.ServeHTTP(w, r)
	})
}

func (h Hosts) accept(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return true
	}
	for _, name := range h {
		if strings.EqualFold(name, host) {
			return true
		}
	}
	return false
}
