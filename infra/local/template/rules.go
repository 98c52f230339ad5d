package template

import "go.yaml.in/yaml/v3"

// checkRules holds the parameters against the template's Rules, as CloudFormation
// does before it creates anything (User Guide, "Rules"). Of their functions it knows
// those that conditions have too.
func (r *resolver) checkRules() {
	for name, rule := range pairs(r.document.rules) {
		if rule.Kind != yaml.MappingNode {
			r.problems.add(rule, "Rules.%s is a mapping with Assertions", name.Value)
			continue
		}
		for key := range pairs(rule) {
			if key.Value != "RuleCondition" && key.Value != "Assertions" {
				r.problems.add(key, "Rules.%s.%s is not supported", name.Value, key.Value)
			}
		}
		r.checkRule(name, rule)
	}
}

func (r *resolver) checkRule(name, rule *yaml.Node) {
	assertions := child(rule, "Assertions")
	if assertions == nil || assertions.Kind != yaml.SequenceNode || len(assertions.Content) == 0 {
		r.problems.add(rule, "Rules.%s.Assertions is a list of at least one", name.Value)
		return
	}
	if condition := child(rule, "RuleCondition"); condition != nil && !r.test(condition) {
		return
	}
	for _, assertion := range assertions.Content {
		assert := child(assertion, "Assert")
		if assert == nil {
			r.problems.add(assertion, "an assertion of Rules.%s has no Assert", name.Value)
			continue
		}
		if r.test(assert) {
			continue
		}
		why := "an assertion does not hold"
		if description := child(assertion, "AssertDescription"); description != nil {
			why = description.Value
		}
		r.problems.add(assertion, "the rule %s: %s", name.Value, why)
	}
}
