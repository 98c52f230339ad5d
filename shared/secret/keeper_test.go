package secret_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"delfos/shared/secret"
)

// store counts its reads. Each gives the next text, or the error while there is one.
type store struct {
	mu    sync.Mutex
	texts []string
	err   error
	reads int
	at    time.Time
}

func (s *store) read(context.Context, string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.err != nil {
		return "", s.err
	}
	text := s.texts[0]
	s.texts = s.texts[1:]
	return text, nil
}

func (s *store) now() time.Time { return s.at }

func gives(t *testing.T, keeper *secret.Keeper, arn, want string) {
	t.Helper()
	if got, err := keeper.Text(t.Context(), arn); err != nil || got != want {
		t.Errorf("%s: %q, %v; want %q", arn, got, err, want)
	}
}

func TestASecretIsReadAgainOnceItIsOldAndEachByItself(t *testing.T) {
	t.Parallel()
	s := &store{texts: []string{"first", "another", "second"}, at: time.Unix(0, 0)}
	keeper := secret.NewKeeper(s.read, s.now)
	gives(t, keeper, "arn", "first")
	gives(t, keeper, "other", "another")
	s.at = s.at.Add(secret.KeepFor - 1)
	gives(t, keeper, "arn", "first")
	s.at = s.at.Add(1)
	gives(t, keeper, "arn", "second")
	if s.reads != 3 {
		t.Errorf("%d reads, want 3", s.reads)
	}
}

func TestWhatWasReadHoldsWhileItCannotBeReadAgain(t *testing.T) {
	t.Parallel()
	s := &store{texts: []string{"first", "second"}, err: errors.New("throttled"), at: time.Unix(0, 0)}
	keeper := secret.NewKeeper(s.read, s.now)
	if _, err := keeper.Text(t.Context(), "arn"); !errors.Is(err, s.err) {
		t.Errorf("never read: %v", err)
	}
	s.err = nil
	gives(t, keeper, "arn", "first")
	s.at, s.err = s.at.Add(time.Hour), errors.New("throttled")
	gives(t, keeper, "arn", "first")
	s.err = nil
	gives(t, keeper, "arn", "second") // it was tried, not taken for fresh
}

func TestManyAtOnceShareOneReadAndNobodyWaitsPastItsContext(t *testing.T) {
	t.Parallel()
	entered, goOn := make(chan struct{}), make(chan struct{})
	s := &store{texts: []string{"first"}, at: time.Unix(0, 0)}
	keeper := secret.NewKeeper(func(ctx context.Context, arn string) (string, error) {
		close(entered)
		<-goOn
		return s.read(ctx, arn)
	}, s.now)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { gives(t, keeper, "arn", "first") })
	}
	<-entered
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := keeper.Text(over, "arn"); !errors.Is(err, context.Canceled) {
		t.Errorf("past its context: %v", err)
	}
	close(goOn)
	all.Wait()
	if s.reads != 1 {
		t.Errorf("%d reads, want 1", s.reads)
	}
}
