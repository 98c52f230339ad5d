package secret_test

import (
	"context"
	"errors"
	"strings"
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
	gives(t, keeper, "arn", "first") // it is not tried again and again
	s.at = s.at.Add(secret.RenewEvery)
	gives(t, keeper, "arn", "second") // nor is what was kept taken for fresh
	if s.reads != 4 {
		t.Errorf("%d readings, want 4", s.reads)
	}
}

// renewed asks for the secret as it is now.
func renewed(t *testing.T, keeper *secret.Keeper, want string) {
	t.Helper()
	if got, err := keeper.Renewed(t.Context(), "arn"); err != nil || got != want {
		t.Errorf("renewed: %q, %v; want %q", got, err, want)
	}
}

func TestASecretIsReadAnewForWhoAsksForThatButNotAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := &store{texts: []string{"first", "second", "third"}, at: time.Unix(0, 0)}
	keeper := secret.NewKeeper(s.read, s.now)
	gives(t, keeper, "arn", "first")
	renewed(t, keeper, "second") // however fresh what is kept
	gives(t, keeper, "arn", "second")
	s.at = s.at.Add(secret.RenewEvery - 1)
	renewed(t, keeper, "second")
	if s.reads != 2 {
		t.Errorf("%d readings within %s, want 2", s.reads, secret.RenewEvery)
	}
	s.at = s.at.Add(1)
	renewed(t, keeper, "third")
	s.at = s.at.Add(secret.KeepFor - 1)
	gives(t, keeper, "arn", "third") // it is as fresh as any reading makes it
	if s.reads != 3 {
		t.Errorf("%d readings, want 3", s.reads)
	}
}

func TestWhatCannotBeReadAnewIsSaidAndNotTriedAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := &store{texts: []string{"first", "", "second"}, at: time.Unix(0, 0)}
	keeper := secret.NewKeeper(s.read, s.now)
	gives(t, keeper, "arn", "first")
	if _, err := keeper.Renewed(t.Context(), "arn"); err == nil || !strings.Contains(err.Error(), "arn is empty") {
		t.Errorf("an empty secret: %v", err)
	}
	s.at, s.err = s.at.Add(secret.RenewEvery), errors.New("throttled")
	for range 3 {
		if _, err := keeper.Renewed(t.Context(), "arn"); !errors.Is(err, s.err) {
			t.Errorf("unreadable: %v", err)
		}
		gives(t, keeper, "arn", "first")
	}
	if s.reads != 3 {
		t.Errorf("%d readings, want 3", s.reads)
	}
	s.at, s.err = s.at.Add(secret.RenewEvery), nil
	renewed(t, keeper, "second")
}

func TestWhoeverLosesPatienceDoesNotSpoilTheReadingOfOthers(t *testing.T) {
	t.Parallel()
	s := &store{texts: []string{"first", "second"}, at: time.Unix(0, 0)}
	keeper := secret.NewKeeper(func(ctx context.Context, arn string) (string, error) {
		if _, isBounded := ctx.Deadline(); s.reads > 0 && !isBounded {
			t.Error("a secret that is known is read without a deadline")
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return s.read(ctx, arn)
	}, s.now)
	gives(t, keeper, "arn", "first")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	// Whichever of its two ways the turn is found by, the next one gets the secret.
	_, _ = keeper.Renewed(over, "arn")
	renewed(t, keeper, "second")
}

func TestATokenIsTheOneThatIsGivenOrItsSecretAndNeverEmpty(t *testing.T) {
	t.Parallel()
	s := &store{texts: []string{"", "first", "second"}, at: time.Unix(0, 0)}
	keeper := secret.NewKeeper(s.read, s.now)
	given, err := keeper.Token(t.Context(), "given", "arn")
	if err != nil || s.reads != 0 {
		t.Fatalf("given: %v after %d readings", err, s.reads)
	}
	if text, err := given.Renewed(t.Context()); err != nil || text != "given" {
		t.Errorf("given and renewed: %q, %v", text, err)
	}
	if _, err := keeper.Token(t.Context(), "", ""); err == nil {
		t.Error("neither is set, and there is a token")
	}
	if _, err := keeper.Token(t.Context(), "", "arn"); err == nil || !strings.Contains(err.Error(), "arn is empty") {
		t.Errorf("an empty secret: %v", err)
	}
	token, err := keeper.Token(t.Context(), "", "arn")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := token.Text(t.Context()); err != nil || text != "first" {
		t.Errorf("of the secret: %q, %v", text, err)
	}
	if text, err := token.Renewed(t.Context()); err != nil || text != "second" {
		t.Errorf("of the secret, renewed: %q, %v", text, err)
	}
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
