package cloudformation

import (
	"encoding/xml"
	"slices"
)

// status is that of the stack and its resources: they are there once the AWS endpoint
// answers.
const status = "CREATE_COMPLETE"

type describeStacksResult struct {
	XMLName xml.Name           `xml:"DescribeStacksResult"`
	Stacks  []stackDescription `xml:"Stacks>member"`
}

// stackDescription is a Stack of the CloudFormation API Reference.
type stackDescription struct {
	StackID                     string `xml:"StackId"`
	StackName                   string
	Description                 string `xml:",omitempty"`
	Parameters                  list[parameterDescription]
	CreationTime                string
	RollbackConfiguration       struct{}
	StackStatus                 string
	DisableRollback             bool
	NotificationARNs            struct{}
	Outputs                     list[outputDescription]
	Tags                        struct{}
	EnableTerminationProtection bool
	DriftInformation            struct{ StackDriftStatus string }
}

// list is written as an element of its own even where it has no items, as AWS does.
type list[T any] struct {
	Members []T `xml:"member"`
}

type parameterDescription struct{ ParameterKey, ParameterValue string }

type outputDescription struct {
	OutputKey, OutputValue string
	Description            string `xml:",omitempty"`
}

// notDrifted is the status of what nobody has compared with its template.
const notDrifted = "NOT_CHECKED"

func (s *Service) describeStacks(f form) (any, error) {
	if f.Has("StackName") {
		if err := s.named(f); err != nil {
			return nil, err
		}
	}
	described := stackDescription{
		StackID: s.stackID(), StackName: s.Stack.Name, Description: s.Stack.Description,
		CreationTime: timestamp(s.Stack.Created), StackStatus: status,
	}
	described.DriftInformation.StackDriftStatus = notDrifted
	for _, p := range s.Stack.Parameters {
		if p.NoEcho {
			p.Value = masked
		}
		described.Parameters.Members = append(described.Parameters.Members, parameterDescription{p.Key, p.Value})
	}
	for _, o := range s.Stack.Outputs {
		described.Outputs.Members = append(described.Outputs.Members, outputDescription{o.Key, o.Value, o.Description})
	}
	return describeStacksResult{Stacks: []stackDescription{described}}, nil
}

type listStacksResult struct {
	XMLName        xml.Name           `xml:"ListStacksResult"`
	StackSummaries list[stackSummary] `xml:"StackSummaries"`
}

type stackSummary struct {
	StackID             string `xml:"StackId"`
	StackName           string
	TemplateDescription string `xml:",omitempty"`
	CreationTime        string
	StackStatus         string
	DriftInformation    struct{ StackDriftStatus string }
}

func (s *Service) listStacks(f form) (any, error) {
	wanted := f.list("StackStatusFilter")
	if len(wanted) > 0 && !slices.Contains(wanted, status) {
		return listStacksResult{}, nil
	}
	summary := stackSummary{
		StackID: s.stackID(), StackName: s.Stack.Name, TemplateDescription: s.Stack.Description,
		CreationTime: timestamp(s.Stack.Created), StackStatus: status,
	}
	summary.DriftInformation.StackDriftStatus = notDrifted
	return listStacksResult{StackSummaries: list[stackSummary]{[]stackSummary{summary}}}, nil
}
