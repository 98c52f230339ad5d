package e2e

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// postgresProxy stands between the etl's process and the target. It reads the
// protocol (PostgreSQL manual, "Message Formats") as far as the steps of a
// publication show in it.
type postgresProxy struct {
	listener net.Listener
	moments  *moments
	upstream atomic.Pointer[string] // host:port
	down     atomic.Bool            // new connections are closed at once

	mu    sync.Mutex
	conns []net.Conn
}

func newPostgresProxy(t testing.TB, upstream string, m *moments) *postgresProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postgresProxy{listener: listener, moments: m}
	p.upstream.Store(&upstream)
	go p.accept()
	t.Cleanup(func() {
		_ = listener.Close()
		p.cutAll()
	})
	return p
}

func (p *postgresProxy) address() string { return p.listener.Addr().String() }

func (p *postgresProxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.relay(client)
	}
}

// cutAll closes all connections that there are.
func (p *postgresProxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}

func (p *postgresProxy) relay(client net.Conn) {
	defer client.Close()
	if p.down.Load() {
		return
	}
	server, err := net.Dial("tcp", *p.upstream.Load())
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	p.conns = append(p.conns, client, server)
	p.mu.Unlock()
	s := &postgresSession{moments: p.moments, statements: map[string]string{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.copyMessages(client, server, s.ofServer)
		_ = client.Close()
		_ = server.Close()
	}()
	if s.copyStartup(server, client) {
		s.copyMessages(server, client, s.ofClient)
	}
	_ = client.Close()
	_ = server.Close()
	<-ended
}

// postgresSession is one connection.
type postgresSession struct {
	moments    *moments
	statements map[string]string // prepared, by name; used by the client's side alone
}

// message is one message of the protocol, its type and length included.
type message []byte

func (m message) body() []byte { return m[5:] }

// text is the null-terminated string at the start of b, and what follows it.
func text(b []byte) (found string, rest []byte) {
	before, rest, _ := bytes.Cut(b, []byte{0})
	return string(before), rest
}

// copyStartup hands on the one message that has no type.
func (s *postgresSession) copyStartup(to io.Writer, from io.Reader) bool {
	var length [4]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return false
	}
	startup := make([]byte, max(4, binary.BigEndian.Uint32(length[:])))
	copy(startup, length[:])
	if _, err := io.ReadFull(from, startup[4:]); err != nil {
		return false
	}
	_, err := to.Write(startup)
	return err == nil
}

// copyMessages hands on messages until a side ends or a step's verdict is cut.
func (s *postgresSession) copyMessages(to io.Writer, from io.Reader, stepOf func(message) step) {
	in, out := bufio.NewReaderSize(from, 1<<16), bufio.NewWriterSize(to, 1<<16)
	for {
		m, err := readMessage(in)
		if err != nil {
			_ = out.Flush()
			return
		}
		if at := stepOf(m); at != "" {
			sent := 0
			if at == copying {
				sent, _ = out.Write(m[:len(m)/2])
			}
			if out.Flush() != nil || s.moments.reach(at) == cut {
				return
			}
			m = m[sent:]
		}
		if _, err := out.Write(m); err != nil {
			return
		}
		if in.Buffered() == 0 && out.Flush() != nil {
			return
		}
	}
}

func readMessage(in io.Reader) (message, error) {
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	m := make(message, 1+binary.BigEndian.Uint32(head[1:]))
	copy(m, head[:])
	_, err := io.ReadFull(in, m[5:])
	return m, err
}

// ofClient tells what a message of the process is about. A prepared statement's
// text comes once, with Parse; later Binds name it.
func (s *postgresSession) ofClient(m message) step {
	switch m[0] {
	case 'P':
		name, rest := text(m.body())
		s.statements[name], _ = text(rest)
	case 'B':
		_, rest := text(m.body())
		name, _ := text(rest)
		return ofStatement(s.statements[name])
	case 'Q':
		sql, _ := text(m.body())
		return ofStatement(sql)
	case 'd':
		return copying
	case 'c':
		return copied
	}
	return ""
}

// ofStatement takes what is sent with the commit, in one piece, for the commit.
func ofStatement(sql string) step {
	switch sql = strings.TrimSpace(sql); {
	case sql == "begin":
		return beginAsked
	case strings.HasPrefix(sql, "UPDATE materialization"):
		return commitAsked
	}
	return ""
}

func (s *postgresSession) ofServer(m message) step {
	if tag, _ := text(m.body()); m[0] == 'C' && tag == "COMMIT" {
		return committed
	}
	return ""
}
