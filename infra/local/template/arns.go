package template

import "fmt"

func (r *resolver) arn(service, resource, name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s%s", service, r.environment.Region, r.environment.AccountID, resource, name)
}

func functionARN(r *resolver, resource *resource) string {
	return r.arn("lambda", "function:", r.nameOf(resource, "FunctionName"))
}

func tableARN(r *resolver, resource *resource) string {
	return r.arn("dynamodb", "table/", r.nameOf(resource, "TableName"))
}

// secretARN ends as infra/local/secretsmanager's do, where AWS has six random
// characters.
func secretARN(r *resolver, resource *resource) string {
	name := r.nameOf(resource, "Name")
	if name == "" {
		return ""
	}
	return r.arn("secretsmanager", "secret:", name+"-AAAAAA")
}

func logGroupARN(r *resolver, resource *resource) string {
	name := r.nameOf(resource, "LogGroupName")
	if name == "" {
		return ""
	}
	return r.arn("logs", "log-group:", name+":*")
}

func roleARN(r *resolver, resource *resource) string {
	return fmt.Sprintf("arn:aws:iam::%s:role/%s", r.environment.AccountID, r.nameOf(resource, "RoleName"))
}

func stateMachineARN(r *resolver, resource *resource) string {
	return r.arn("states", "stateMachine:", r.nameOf(resource, "Name"))
}

// scheduleARN is that of a schedule in the default group.
func scheduleARN(r *resolver, resource *resource) string {
	return r.arn("scheduler", "schedule/default/", r.nameOf(resource, "Name"))
}

// ruleARN is that of a rule on the default event bus.
func ruleARN(r *resolver, resource *resource) string {
	return r.arn("events", "rule/", r.nameOf(resource, "Name"))
}

func queueARN(r *resolver, resource *resource) string {
	return r.arn("sqs", "", r.nameOf(resource, "QueueName"))
}

func topicARN(r *resolver, resource *resource) string {
	return r.arn("sns", "", r.nameOf(resource, "TopicName"))
}
