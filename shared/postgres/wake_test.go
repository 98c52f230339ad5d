package postgres_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"delfos/shared/postgres"
	"delfos/shared/postgres/migration"
)

// silent is a server that takes connections and says nothing, as a cluster does
// that is waking.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return fmt.Sprintf("postgres://u:hush@%s/d?sslmode=disable", listener.Addr())
}

func TestAConnectionThatIsNotThereInTimeIsGivenUp(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Connect(t.Context(), postgres.Settings{DSN: silent(t), ConnectTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := pool.Ping(t.Context()); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("Ping = %v, want an error without the password", err)
	}
}

func TestWakeEndsWithItsContextAndSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := postgres.Wake(ctx, silent(t))
	if err == nil || !strings.Contains(err.Error(), "did not wake") || strings.Contains(err.Error(), "hush") {
		t.Errorf("Wake = %v", err)
	}
}

func TestAConnectionStringThatCannotBeReadIsNotShown(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func() error{
		"wake": func() error { _, err := postgres.Wake(t.Context(), "postgres://u:hush@h:port/d"); return err },
		"migrate": func() error {
			_, err := migration.Up(t.Context(), "postgres://u:hush@h:port/d", nil)
			return err
		},
	} {
		if err := try(); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want an error without the password", name, err)
		}
	}
}
