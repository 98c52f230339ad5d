package eventbridge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"regexp"
	"slices"

	"delfos/infra/local/journal"
)

// State says whether a rule is on.
type State string

// The states of a rule (EventBridge API Reference, PutRule).
const (
	Enabled  State = "ENABLED"
	Disabled State = "DISABLED"
)

// Rule is a rule as a template describes it.
type Rule struct {
	Name        string // 1 to 64 letters, digits, dots, - and _
	Description string
	Pattern     string // the event pattern, a JSON object
	State       State  // "" means Enabled
	Targets     []Target
}

// Target is a Lambda function that gets a rule's events as they are: inputs of
// other kinds are not implemented.
type Target struct {
	ID  string `json:"Id"` // 1 to 64 letters, digits, dots, - and _
	ARN string `json:"Arn"`
}

// maxTargets is a rule's (EventBridge User Guide, "EventBridge quotas").
const maxTargets = 5

var (
	ruleName    = regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`)
	functionARN = regexp.MustCompile(`^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+(:\$LATEST)?$`)
)

// A rule is a Rule at work. What changes is guarded by Bus.mu.
type rule struct {
	Rule
	pattern *Pattern
	state   State
	hash    string // of the Rule
}

func newRule(described Rule) (*rule, error) {
	if !ruleName.MatchString(described.Name) {
		return nil, fmt.Errorf("rule %q: Name: want 1 to 64 letters, digits, dots, - and _", described.Name)
	}
	if described.State == "" {
		described.State = Enabled
	}
	if described.State != Enabled && described.State != Disabled {
		return nil, fmt.Errorf("rule %s: State %q: want %s or %s", described.Name, described.State, Enabled, Disabled)
	}
	pattern, err := ParsePattern(described.Pattern)
	if err != nil {
		return nil, fmt.Errorf("rule %s: EventPattern: %w", described.Name, err)
	}
	if len(described.Targets) > maxTargets {
		return nil, fmt.Errorf("rule %s: %d targets: want at most %d", described.Name, len(described.Targets), maxTargets)
	}
	ids := map[string]bool{}
	for _, target := range described.Targets {
		if !ruleName.MatchString(target.ID) || ids[target.ID] {
			return nil, fmt.Errorf("rule %s: target %q: Id: want 1 to 64 letters, digits, dots, - and _, once in a rule", described.Name, target.ID)
		}
		ids[target.ID] = true
		if !functionARN.MatchString(target.ARN) {
			return nil, fmt.Errorf("rule %s: target %s: Arn %q: the local EventBridge has Lambda functions alone for targets", described.Name, target.ID, target.ARN)
		}
	}
	described.Targets = slices.Clone(described.Targets)
	text, err := json.Marshal(described)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", described.Name, err)
	}
	sum := sha256.Sum256(text)
	return &rule{described, pattern, described.State, hex.EncodeToString(sum[:8])}, nil
}

// Declare makes these the bus's rules, in the place of all that there are. A rule
// that is as it was when it was last declared keeps the state that EnableRule or
// DisableRule gave it, in this process or in an earlier one; a changed rule has the
// state that it is declared with.
func (b *Bus) Declare(rules ...Rule) error {
	declared := make(map[string]*rule, len(rules))
	for _, described := range rules {
		made, err := newRule(described)
		if err != nil {
			return err
		}
		if declared[made.Name] != nil {
			return fmt.Errorf("rule %s: there are two of the name", made.Name)
		}
		declared[made.Name] = made
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, made := range declared {
		if kept, ok := b.kept[name]; ok && kept.Hash == made.hash {
			made.state = kept.State
		}
	}
	b.rules = declared
	return nil
}

func (b *Bus) namesLocked() []string { return slices.Sorted(maps.Keys(b.rules)) }

// A keptState is a record of the journal: the state that a rule was given.
type keptState struct {
	Name  string `json:"rule"`
	Hash  string `json:"hash"` // of the rule, as it was then
	State State  `json:"state"`
}

func (b *Bus) openJournal() error {
	path := filepath.Join(b.options.Dir, "eventbridge.jsonl")
	opened, err := journal.Open(path, b.replay)
	if err != nil {
		return err
	}
	const worthwhile = 1000
	if opened.Records() > worthwhile+len(b.kept) {
		if err := opened.Close(); err != nil {
			return err
		}
		if err := journal.Rewrite(path, b.records()); err != nil {
			return err
		}
		if opened, err = journal.Open(path, b.replay); err != nil {
			return err
		}
	}
	b.journal = opened
	return nil
}

func (b *Bus) replay(record []byte) error {
	var kept keptState
	if err := json.Unmarshal(record, &kept); err != nil {
		return err
	}
	if kept.State != Enabled && kept.State != Disabled {
		return fmt.Errorf("rule %q has the state %q", kept.Name, kept.State)
	}
	b.kept[kept.Name] = kept
	return nil
}

func (b *Bus) records() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, kept := range b.kept {
			record, err := json.Marshal(kept)
			if err != nil {
				panic(err) // strings always marshal
			}
			if !yield(record) {
				return
			}
		}
	}
}

// setStateLocked turns a rule on or off and writes it down.
func (b *Bus) setStateLocked(changed *rule, to State) error {
	kept := keptState{changed.Name, changed.hash, to}
	if b.journal != nil {
		record, err := json.Marshal(kept)
		if err != nil {
			return fmt.Errorf("write down the state of rule %s: %w", changed.Name, err)
		}
		if err := b.journal.Append(record); err != nil {
			return err
		}
	}
	b.kept[changed.Name], changed.state = kept, to
	return nil
}
