package asl

import "fmt"

// target is a transition: where it stands and the state that it leads to.
type target struct{ place, name string }

// targets are the state's transitions.
func (s *State) targets(place string) []target {
	var all []target
	add := func(field, name string) {
		if name != "" {
			all = append(all, target{place + "/" + field, name})
		}
	}
	add("Next", s.Next)
	for i := range s.Choices {
		add(fmt.Sprintf("Choices[%d]/Next", i), s.Choices[i].Next)
	}
	add("Default", s.Default)
	for i := range s.Catch {
		add(fmt.Sprintf("Catch[%d]/Next", i), s.Catch[i].Next)
	}
	return all
}

// transitions reports those that lead nowhere, states that nothing leads to, and a machine
// without an end, which hides the states that nothing leads to, as on AWS.
func (p *parser) transitions(f *fields, machine *Machine, names []string) {
	check := func(t target) {
		if !f.isState(t.name) {
			p.add(codeTarget, t.place, "Missing 'Next' target: %s", t.name)
		}
	}
	if machine.StartAt != "" {
		check(target{f.place("StartAt"), machine.StartAt})
	}
	ends, whole := false, machine.StartAt != ""
	for _, name := range names {
		state := machine.States[name]
		if state == nil {
			whole = false
			continue
		}
		for _, t := range state.targets(f.place("States/" + name)) {
			check(t)
		}
		ends = ends || state.End || state.Type == Succeed || state.Type == Fail
		// A state that is itself wrong may be what ends, or what leads on.
		whole = whole && state.leaves()
	}
	switch {
	case !ends && whole:
		p.add(codeNoEnd, f.at, "Workflow has no terminal state")
	case whole:
		p.unreachable(f, machine, names)
	}
}

// isState tells whether the machine's States have the name, be it right or wrong.
func (f *fields) isState(name string) bool {
	states, ok := f.members["States"].(map[string]any)
	if !ok {
		return false
	}
	_, there := states[name]
	return there
}

// leaves tells whether the state says what comes after it.
func (s *State) leaves() bool {
	switch s.Type {
	case Succeed, Fail:
		return true
	case Choice:
		return len(s.Choices) > 0
	default:
		return s.End || s.Next != ""
	}
}

// unreachable reports the states that no transition leads to from the start.
func (p *parser) unreachable(f *fields, machine *Machine, names []string) {
	reached := map[string]bool{}
	queue := []string{machine.StartAt}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		state := machine.States[name]
		if state == nil || reached[name] {
			continue
		}
		reached[name] = true
		for _, t := range state.targets("") {
			queue = append(queue, t.name)
		}
	}
	for _, name := range names {
		if !reached[name] {
			p.add(codeTarget, f.place("States/"+name), "State %q is not reachable.", name)
		}
	}
}
