package e2e

import "sync"

// step is a moment of a run, as seen from the network between the etl's process
// and what it talks to. "asked" is before the other side hears of it, "answered"
// before the process does.
type step string

const (
	claimAsked       step = "claim asked"
	claimAnswered    step = "claim answered"
	recordAnswered   step = "record answered" // the run's record, as running
	dataAsked        step = "data asked"
	dataHalf         step = "data half answered" // half of the page's body has gone out
	beginAsked       step = "begin asked"
	copying          step = "copying" // half of the rows have gone out
	copied           step = "copied"  // all rows have, and that they are all
	commitAsked      step = "commit asked"
	committed        step = "committed" // the server has, and the process does not know yet
	completeAsked    step = "complete asked"
	completeAnswered step = "complete answered"
	finishAnswered   step = "finish answered"
)

// killable are steps spread over a whole run, in their order.
var killable = []step{
	claimAsked, claimAnswered, recordAnswered, dataAsked, dataHalf, beginAsked,
	copying, copied, commitAsked, committed, completeAsked, completeAnswered, finishAnswered,
}

// verdict is what becomes of the message that a step is about.
type verdict int

const (
	pass verdict = iota // it goes on to whom it is for
	cut                 // it is lost, and its connection with it
)

// moments tells a test of the steps that a deployment's runs reach.
type moments struct {
	mu      sync.Mutex
	planned map[step]func() verdict
	reached map[step]int
	last    step
}

// at has do called when the next run reaches a step, once. The message waits
// until do returns.
func (m *moments) at(s step, do func() verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.planned == nil {
		m.planned = map[step]func() verdict{}
	}
	m.planned[s] = do
}

// reach is called by the proxies.
func (m *moments) reach(s step) verdict {
	m.mu.Lock()
	if m.reached == nil {
		m.reached = map[step]int{}
	}
	m.reached[s]++
	m.last = s
	do := m.planned[s]
	delete(m.planned, s)
	m.mu.Unlock()
	if do == nil {
		return pass
	}
	return do()
}

// forget drops what is planned and counted so far.
func (m *moments) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.planned, m.reached, m.last = nil, nil, ""
}

func (m *moments) count(s step) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reached[s]
}

// latest is the last step that was reached, "" before the first.
func (m *moments) latest() step {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}
