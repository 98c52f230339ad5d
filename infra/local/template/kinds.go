package template

import "fmt"

// kind is a resource type that the template may have.
type kind struct {
	// build adds what the local stack serves; nil for what only AWS needs.
	build      func(*builder, *resource)
	reference  func(*resolver, *resource) string // Ref's value
	attributes map[string]func(*resolver, *resource) string
	// running is the attribute that only the running stack knows.
	running string
}

// knownKinds are all types known. Those without a build have no counterpart on
// one machine by nature: who may do what, how long logs are kept, who is told.
func knownKinds() map[string]kind {
	return map[string]kind{
		"AWS::Serverless::Function": {
			build: (*builder).function, reference: named("FunctionName"),
			attributes: arnAttribute("Arn", functionARN),
		},
		"AWS::Serverless::HttpApi": {
			build: (*builder).httpAPI, reference: apiID, running: "ApiEndpoint",
		},
		"AWS::DynamoDB::Table": {
			build: (*builder).table, reference: named("TableName"), attributes: arnAttribute("Arn", tableARN),
		},
		"AWS::SecretsManager::Secret": {
			build: (*builder).secret, reference: secretARN, attributes: arnAttribute("Id", secretARN),
		},

		"AWS::CloudWatch::Alarm":         {reference: named("AlarmName")},
		"AWS::CloudWatch::Dashboard":     {reference: named("DashboardName")},
		"AWS::IAM::ManagedPolicy":        {reference: named("ManagedPolicyName")},
		"AWS::IAM::Policy":               {reference: named("PolicyName")},
		"AWS::IAM::Role":                 {reference: named("RoleName"), attributes: arnAttribute("Arn", roleARN)},
		"AWS::Lambda::EventInvokeConfig": {reference: named("")},
		"AWS::Lambda::Permission":        {reference: named("")},
		"AWS::Logs::LogGroup":            {reference: named("LogGroupName"), attributes: arnAttribute("Arn", logGroupARN)},
		"AWS::Logs::MetricFilter":        {reference: named("FilterName")},
		"AWS::Logs::ResourcePolicy":      {reference: named("PolicyName")},
	}
}

func named(property string) func(*resolver, *resource) string {
	return func(r *resolver, resource *resource) string { return r.nameOf(resource, property) }
}

func arnAttribute(name string, compute func(*resolver, *resource) string) map[string]func(*resolver, *resource) string {
	return map[string]func(*resolver, *resource) string{name: compute}
}

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
