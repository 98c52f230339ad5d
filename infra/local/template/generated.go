package template

import (
	"go.yaml.in/yaml/v3"
)

// generateResources adds the resources that SAM makes of others, under its logical
// ids, so that the template can refer to them (AWS SAM Developer Guide, "Generated
// CloudFormation resources"; permissions, which nobody refers to, are left out).
func (r *resolver) generateResources() {
	for _, owner := range r.document.resources {
		if owner.kind != "AWS::Serverless::Function" && owner.kind != "AWS::Serverless::StateMachine" {
			continue
		}
		if child(owner.properties, "Role") == nil {
			r.generate(owner, owner.node, owner.logicalID+"Role", "AWS::IAM::Role", nil)
		}
		for key, node := range pairs(child(owner.properties, "Events")) {
			r.generateOfEvent(owner, key, node)
		}
		failure := child(child(child(owner.properties, "EventInvokeConfig"), "DestinationConfig"), "OnFailure")
		if failure != nil && child(failure, "Destination") == nil {
			r.generate(owner, failure, failureQueueID(owner.logicalID), "AWS::SQS::Queue", nil)
		}
	}
}

func (r *resolver) generateOfEvent(owner *resource, key, node *yaml.Node) {
	id, properties := owner.logicalID+key.Value, child(node, "Properties")
	kind := child(node, "Type")
	if kind == nil {
		return
	}
	switch kind.Value {
	case "ScheduleV2":
		r.generate(owner, key, id, "AWS::Scheduler::Schedule", r.scheduleName(key, id, properties))
	case "EventBridgeRule", "CloudWatchEvent":
		r.generate(owner, key, id, "AWS::Events::Rule", child(properties, "RuleName"))
	default:
		return
	}
	if config := child(properties, "DeadLetterConfig"); child(config, "Type") != nil {
		r.generate(owner, config, deadLetterQueueID(id, config), "AWS::SQS::Queue", nil)
	}
}

// scheduleName is the logical id unless the event says otherwise: so does SAM name
// a schedule, and two stacks of one template get into each other's way. Nil is the
// name that CloudFormation makes up.
func (r *resolver) scheduleName(at *yaml.Node, id string, properties *yaml.Node) *yaml.Node {
	if omit := child(properties, "OmitName"); omit != nil {
		if omitted := r.evaluate(omit); omitted != nil && omitted.Value == "true" {
			return nil
		}
	}
	if name := child(properties, "Name"); name != nil {
		return name
	}
	return textAt(at, id)
}

func failureQueueID(function string) string { return function + "EventInvokeConfigOnFailureQueue" }

func deadLetterQueueID(event string, config *yaml.Node) string {
	if id := child(config, "QueueLogicalId"); id != nil && id.Value != "" {
		return id.Value
	}
	return event + "Queue"
}

// generate adds a resource that is there when its owner is; it has no property but
// its name.
func (r *resolver) generate(owner *resource, at *yaml.Node, id, kind string, name *yaml.Node) {
	if r.resources[id] != nil {
		r.problems.add(at, "SAM makes a resource %s of %s, and there is one of that name", id, owner.logicalID)
		return
	}
	properties := &yaml.Node{Kind: yaml.MappingNode, Line: at.Line}
	if name != nil {
		properties.Content = []*yaml.Node{textAt(at, "Name"), name}
	}
	r.resources[id] = &resource{logicalID: id, kind: kind, node: at, properties: properties, condition: owner.condition}
}

// generated is a resource of generateResources; nil tells of a problem.
func (r *resolver) generated(line int, id, kind string) *resource {
	made := r.resources[id]
	if made == nil {
		r.problems.addLine(line, "SAM makes a resource "+id+" here only of what is written out, without Fn::If")
		return nil
	}
	if made.kind != kind {
		return nil
	}
	return made
}
