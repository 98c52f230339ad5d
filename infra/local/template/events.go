package template

import (
	"go.yaml.in/yaml/v3"
)

// event is one of the Events of a function or a state machine.
type event struct {
	// logicalID is the owner's and the event's own joined, as SAM names the resource
	// that it makes of the event.
	logicalID  string
	at         *yaml.Node
	properties *fields
}

// events reads the events of the types that readers know.
func (b *builder) events(owner *fields, readers map[string]func(event)) {
	events := owner.object("Events")
	for key, node := range pairs(events.node) {
		fields := newFields(events.path+"."+key.Value, node, b.resolver.evaluate, b.resolver.problems)
		if !logicalID.MatchString(key.Value) {
			b.resolver.problems.add(key, "%s: an event's name is letters and digits alone", fields.path)
		}
		kind := fields.required("Type")
		read, known := readers[kind]
		if !known {
			b.resolver.problems.add(key, "%s: the event type %s is not supported by the local stack", fields.path, kind)
			continue
		}
		read(event{logicalID: owner.path + key.Value, at: key, properties: fields.object("Properties")})
		fields.finish()
	}
}

func (b *builder) functionEvents(function Function, fields *fields) {
	b.events(fields, map[string]func(event){
		"HttpApi":         func(e event) { b.httpEvent(function, e.at, e.properties) },
		"ScheduleV2":      func(e event) { b.scheduleEvent(function.ARN, e) },
		"EventBridgeRule": func(e event) { b.ruleEvent(function.ARN, e) },
		"CloudWatchEvent": func(e event) { b.ruleEvent(function.ARN, e) },
	})
}
