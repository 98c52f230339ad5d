package lambda

import (
	"context"
	"net"
	"syscall"
)

type connectionKey struct{}

// withConnection lets a Runtime API handler see the connection behind its request.
func withConnection(ctx context.Context, connection net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, connection)
}

func connectionOf(ctx context.Context) syscall.Conn {
	connection, _ := ctx.Value(connectionKey{}).(syscall.Conn)
	return connection
}

// isOpen says whether the other side still holds a connection. A process that is
// killed closes its own at once; that this one is told may take a while longer.
func isOpen(connection syscall.Conn) bool {
	raw, err := connection.SyscallConn()
	if err != nil {
		return false
	}
	open := false
	// Control does not wait for the server, which is reading the same connection.
	err = raw.Control(func(fd uintptr) {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = err == syscall.EAGAIN || (err == nil && n > 0)
	})
	return err == nil && open
}
