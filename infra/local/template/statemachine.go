package template

// StateMachine is an AWS::Serverless::StateMachine of type STANDARD.
type StateMachine struct {
	LogicalID string
	Name      string
	ARN       string
	RoleARN   string // the template's, or that of the role that SAM makes
	// Definition is the machine's Amazon States Language as JSON, with its
	// substitutions made; whether it is a definition is CreateStateMachine's to say.
	Definition string
}

// stateMachine reads an AWS::Serverless::StateMachine (AWS SAM Developer Guide).
func (b *builder) stateMachine(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("Logging", "Name", "PermissionsBoundary", "Policies", "RolePath", "Tags", "Tracing")
	fields.oneOf("Type", "STANDARD")
	if fields.has("Role") && fields.has("Policies") {
		b.resolver.problems.add(resource.node, "%s has either Role or Policies", resource.logicalID)
	}
	machine := StateMachine{
		LogicalID:  resource.logicalID,
		Name:       b.resolver.nameOf(resource, "Name"),
		ARN:        stateMachineARN(b.resolver, resource),
		RoleARN:    b.machineRole(resource, fields),
		Definition: b.definition(resource, fields),
	}
	b.events(fields, map[string]func(event){
		"ScheduleV2": func(e event) { b.scheduleEvent(machine.ARN, e) },
	})
	fields.finish()
	b.template.StateMachines = append(b.template.StateMachines, machine)
}

func (b *builder) machineRole(resource *resource, fields *fields) string {
	if fields.has("Role") {
		return fields.text("Role", "")
	}
	fields.awsOnly("Role")
	made := b.resolver.generated(resource.node.Line, resource.logicalID+"Role", "AWS::IAM::Role")
	if made == nil {
		return ""
	}
	return roleARN(b.resolver, made)
}
