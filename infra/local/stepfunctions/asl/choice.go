package asl

// ChoiceRule is one of a Choice state's rules.
type ChoiceRule struct {
	Next   string
	Assign *Template

	condition condition
}

// Matches tells whether the rule holds. A variable that leads nowhere is a *RuntimeError
// (States.Runtime), but for IsPresent; a value of another type than the operator's makes
// the comparison false.
func (r *ChoiceRule) Matches(scope Scope) (bool, error) { return r.condition.matches(scope) }

// condition is a rule, or a part of one.
type condition interface {
	matches(scope Scope) (bool, error)
}

type (
	allOf  struct{ of []condition }
	anyOf  struct{ of []condition }
	noneOf struct{ of condition }
	// comparison compares the variable's value with a literal or with what another path
	// leads to.
	comparison struct {
		variable *Path
		holds    func(value, want any) bool
		want     any
		wantPath *Path
	}
	// presence is IsPresent.
	presence struct {
		variable *Path
		want     bool
	}
)

func (c allOf) matches(scope Scope) (bool, error) {
	for _, one := range c.of {
		if holds, err := one.matches(scope); !holds || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (c anyOf) matches(scope Scope) (bool, error) {
	for _, one := range c.of {
		if holds, err := one.matches(scope); holds || err != nil {
			return holds, err
		}
	}
	return false, nil
}

func (c noneOf) matches(scope Scope) (bool, error) {
	holds, err := c.of.matches(scope)
	return !holds && err == nil, err
}

func (c comparison) matches(scope Scope) (bool, error) {
	value, err := c.variable.Evaluate(scope)
	if err != nil {
		return false, err
	}
	want := c.want
	if c.wantPath != nil {
		if want, err = c.wantPath.Evaluate(scope); err != nil {
			return false, err
		}
	}
	return c.holds(value, want), nil
}

func (c presence) matches(scope Scope) (bool, error) {
	_, err := c.variable.query.find(scope)
	return (err == nil) == c.want, nil
}
