package aws_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// statement is one of a policy's.
type statement struct {
	owner     string // the logical id of what has the policy
	effect    string
	actions   []string
	resources []string
	condition any
}

func statements(owner string, document any) []statement {
	var all []statement
	for _, one := range objects(at(document, "Statement")) {
		all = append(all, statement{owner, text(one["Effect"]), texts(one["Action"]), texts(one["Resource"]), one["Condition"]})
	}
	return all
}

// permissions are the statements of every policy that says what may be done.
func (all templates) permissions() []statement {
	var found []statement
	for _, r := range all.of() {
		switch r.kind {
		case "AWS::IAM::Role":
			for _, policy := range objects(r.properties["Policies"]) {
				found = append(found, statements(r.id, policy["PolicyDocument"])...)
			}
		case "AWS::IAM::Policy":
			for _, role := range texts(r.properties["Roles"]) {
				found = append(found, statements(strings.Trim(role, "${}"), r.properties["PolicyDocument"])...)
			}
		case "AWS::KMS::Key":
			found = append(found, statements(r.id, r.properties["KeyPolicy"])...)
		case "AWS::IAM::ManagedPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::EC2::VPCEndpoint":
			found = append(found, statements(r.id, r.properties["PolicyDocument"])...)
		}
	}
	return found
}

// grants are what may be done to what: resources by action.
type grants map[string][]string

// allowed gathers what is allowed to whom, sorted and each once.
func allowed(permissions []statement) map[string]grants {
	all := map[string]grants{}
	for _, s := range permissions {
		if s.effect != "Allow" {
			continue
		}
		if all[s.owner] == nil {
			all[s.owner] = grants{}
		}
		for _, action := range s.actions {
			all[s.owner][action] = append(all[s.owner][action], s.resources...)
		}
	}
	for _, given := range all {
		given.sort()
	}
	return all
}

func (g grants) sort() {
	for action, resources := range g {
		slices.Sort(resources)
		g[action] = slices.Compact(resources)
	}
}

func TestEachRoleMayDoWhatItNeedsToWhatItNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	all := load(t)
	given, got := allowed(all.permissions()), map[string]grants{}
	for _, r := range all.some(t, "AWS::IAM::Role", "AWS::IAM::ManagedPolicy") {
		got[r.id] = given[r.id]
	}
	if diff := cmp.Diff(expected(), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A statement's other elements, NotAction and the like, would allow what no test here sees.
func TestPoliciesAllowByActionAndResourceAlone(t *testing.T) {
	t.Parallel()
	for _, s := range load(t).permissions() {
		if s.effect != "Allow" && s.owner != "NetworkInterfacesPolicy" {
			t.Errorf("%s: a statement's effect is %s", s.owner, s.effect)
		}
		if len(s.actions) == 0 || len(s.resources) == 0 {
			t.Errorf("%s: a statement without actions or resources: %v on %v", s.owner, s.actions, s.resources)
		}
	}
}

func TestTheConsoleHandsTheSchedulersRoleToTheSchedulerAlone(t *testing.T) {
	t.Parallel()
	const want = `{"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}`
	for _, s := range load(t).permissions() {
		if slices.Contains(s.actions, "iam:PassRole") && text(s.condition) != want {
			t.Errorf("%s passes a role where %s", s.owner, text(s.condition))
		}
	}
}

func TestEachFunctionHasARoleOfItsOwnAndNoManagedPolicyButForNetworkInterfaces(t *testing.T) {
	t.Parallel()
	all := load(t)
	roles, inVPC := map[string]string{}, map[string]bool{}
	for _, function := range all.some(t, "AWS::Lambda::Function") {
		role := text(function.properties["Role"])
		if other := roles[role]; other != "" {
			t.Errorf("%s and %s have one role, %s", function.id, other, role)
		}
		roles[role], inVPC[role] = function.id, function.properties["VpcConfig"] != nil
	}
	for _, role := range all.of("AWS::IAM::Role") {
		want := "null"
		if inVPC["${"+role.id+".Arn}"] {
			want = `if InVpc then [{"Ref":"NetworkInterfacesPolicy"}] else ${AWS::NoValue}`
		}
		role.holds(t, want, "ManagedPolicyArns")
	}
}

// Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
func TestNoFunctionsOwnCodeMayDoWhatLambdaDoesWithItsNetworkInterfaces(t *testing.T) {
	t.Parallel()
	permissions := load(t).permissions()
	denied := map[string]bool{"ec2:DetachNetworkInterface": false}
	for action := range allowed(permissions)["NetworkInterfacesPolicy"] {
		denied[action] = false
	}
	const want = `{"ArnLike":{"lambda:SourceFunctionArn":{"Fn::Sub":"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-*"}}}`
	for _, s := range permissions {
		if s.effect == "Deny" && text(s.condition) == want && slices.Equal(s.resources, []string{"*"}) {
			for _, action := range s.actions {
				denied[action] = true
			}
		}
	}
	for _, action := range slices.Sorted(maps.Keys(denied)) {
		if !denied[action] {
			t.Errorf("a function's code may do %s", action)
		}
	}
}
