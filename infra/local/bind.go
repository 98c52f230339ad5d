package local

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"delfos/infra/local/endpoint"
)

// loopback is where the stack listens unless it is told otherwise.
const loopback = "127.0.0.1"

// completeBind checks where the stack is to be reached, and under which names.
func (o *Options) completeBind() error {
	o.Bind = cmp.Or(o.Bind, loopback)
	if net.ParseIP(o.Bind) == nil {
		return fmt.Errorf("--bind %s: want an IP address of this machine; 0.0.0.0 is all of them", o.Bind)
	}
	for _, host := range o.AllowedHosts {
		if host == "" || strings.ContainsAny(host, "/*@ ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return fmt.Errorf("--allow-host %s: want one name or IP address, without scheme and port", host)
		}
	}
	return nil
}

// IsOpen tells whether other machines may reach the stack: nobody signs in to it.
func (s *Stack) IsOpen() bool { return !net.ParseIP(s.options.Bind).IsLoopback() }

// hosts are the names that requests may come under: what was allowed, and the
// address that the stack calls itself by.
func (s *Stack) hosts() endpoint.Hosts {
	return append(endpoint.Hosts{reachable(s.options.Bind)}, s.options.AllowedHosts...)
}

// listenOn takes a port; flag is what chooses another.
func listenOn(bind string, port int, flag string) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(bind, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &PortTakenError{port, flag}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("--bind %s: this machine has no such address; 0.0.0.0 is all that it has", bind)
	}
	return listener, err
}

// urlOf is where this machine reaches a listener.
func urlOf(listener net.Listener) string {
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "http://" + listener.Addr().String()
	}
	return "http://" + net.JoinHostPort(reachable(host), port)
}

// reachable is the address itself, and loopback's where it stands for all. Go listens
// at both families' addresses then, whichever it was told, and names IPv6's.
func reachable(address string) string {
	if ip := net.ParseIP(address); ip == nil || !ip.IsUnspecified() {
		return address
	}
	return loopback
}
