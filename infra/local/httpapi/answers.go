package httpapi

import (
	"crypto/sha256"
	"encoding/json"
	"maps"
	"sync"
	"time"
)

// mostAnswers bounds what is remembered of identities, which anybody can make up.
const mostAnswers = 10_000

// answers are what an authorizer has said of identities, each for a while: no and yes
// alike, and of all routes that it guards.
type answers struct {
	mu  sync.Mutex
	all map[identityKey]keptAnswer
}

// identityKey stands for the values of the identity sources, which are secrets.
type identityKey [sha256.Size]byte

type keptAnswer struct {
	simpleResponse
	until time.Time
}

func newAnswers() *answers { return &answers{all: map[identityKey]keptAnswer{}} }

func keyOf(identity []string) identityKey {
	text, _ := json.Marshal(identity) // strings always can be
	return sha256.Sum256(text)
}

func (a *answers) find(identity []string, now time.Time) (simpleResponse, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	kept, known := a.all[keyOf(identity)]
	return kept.simpleResponse, known && now.Before(kept.until)
}

func (a *answers) keep(identity []string, answer simpleResponse, now time.Time, ttl time.Duration) {
	if ttl == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.all) >= mostAnswers {
		maps.DeleteFunc(a.all, func(_ identityKey, kept keptAnswer) bool { return !now.Before(kept.until) })
	}
	if len(a.all) >= mostAnswers {
		clear(a.all) // they are asked for again
	}
	a.all[keyOf(identity)] = keptAnswer{answer, now.Add(ttl)}
}
