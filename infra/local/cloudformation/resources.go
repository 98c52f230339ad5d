package cloudformation

import (
	"encoding/xml"
)

// The three operations show the same resource in three shapes (CloudFormation API
// Reference, StackResourceSummary, StackResource and StackResourceDetail).
type (
	resourceSummary struct {
		resourceFields
		LastUpdatedTimestamp string
	}
	resourceDescription struct {
		StackName string
		StackID   string `xml:"StackId"`
		resourceFields
		Timestamp string
	}
	resourceDetail struct {
		StackName string
		StackID   string `xml:"StackId"`
		resourceFields
		LastUpdatedTimestamp string
	}
	resourceFields struct {
		LogicalResourceID  string `xml:"LogicalResourceId"`
		PhysicalResourceID string `xml:"PhysicalResourceId"`
		ResourceType       string
		ResourceStatus     string
		DriftInformation   struct{ StackResourceDriftStatus string }
	}
)

func fieldsOf(r Resource) resourceFields {
	fields := resourceFields{LogicalResourceID: r.LogicalID, PhysicalResourceID: r.PhysicalID, ResourceType: r.Type, ResourceStatus: status}
	fields.DriftInformation.StackResourceDriftStatus = notDrifted
	return fields
}

type listStackResourcesResult struct {
	XMLName                xml.Name `xml:"ListStackResourcesResult"`
	StackResourceSummaries list[resourceSummary]
}

func (s *Service) listStackResources(f form) (any, error) {
	if err := s.named(f); err != nil {
		return nil, err
	}
	var result listStackResourcesResult
	for _, r := range s.Stack.Resources {
		result.StackResourceSummaries.Members = append(result.StackResourceSummaries.Members,
			resourceSummary{fieldsOf(r), timestamp(s.Stack.Created)})
	}
	return result, nil
}

type describeStackResourcesResult struct {
	XMLName        xml.Name `xml:"DescribeStackResourcesResult"`
	StackResources list[resourceDescription]
}

// describeStackResources finds a stack by its name, or the stack that a resource
// belongs to by that one's physical id, and then shows all of it.
func (s *Service) describeStackResources(f form) (any, error) {
	physical, logical := f.Get("PhysicalResourceId"), f.Get("LogicalResourceId")
	switch {
	case physical != "" && (f.Has("StackName") || logical != ""):
		return nil, invalid("PhysicalResourceId goes with neither StackName nor LogicalResourceId")
	case physical != "":
		if _, known := s.find(func(r Resource) bool { return r.PhysicalID == physical }); !known {
			return nil, invalid("Stack for %s does not exist", physical)
		}
	default:
		if err := s.named(f); err != nil {
			return nil, err
		}
	}
	var result describeStackResourcesResult
	for _, r := range s.Stack.Resources {
		if logical == "" || logical == r.LogicalID {
			result.StackResources.Members = append(result.StackResources.Members,
				resourceDescription{s.Stack.Name, s.stackID(), fieldsOf(r), timestamp(s.Stack.Created)})
		}
	}
	if len(result.StackResources.Members) == 0 && logical != "" {
		return nil, s.noResource(logical)
	}
	return result, nil
}

type describeStackResourceResult struct {
	XMLName             xml.Name `xml:"DescribeStackResourceResult"`
	StackResourceDetail resourceDetail
}

func (s *Service) describeStackResource(f form) (any, error) {
	name, err := f.required("StackName")
	if err != nil {
		return nil, err
	}
	logical, err := f.required("LogicalResourceId")
	if err != nil {
		return nil, err
	}
	if !s.isStack(name) {
		return nil, invalid("Stack '%s' does not exist", name)
	}
	found, known := s.find(func(r Resource) bool { return r.LogicalID == logical })
	if !known {
		return nil, s.noResource(logical)
	}
	return describeStackResourceResult{
		StackResourceDetail: resourceDetail{s.Stack.Name, s.stackID(), fieldsOf(found), timestamp(s.Stack.Created)},
	}, nil
}

func (s *Service) noResource(logicalID string) error {
	return invalid("Resource %s does not exist for stack %s", logicalID, s.Stack.Name)
}

func (s *Service) find(wanted func(Resource) bool) (Resource, bool) {
	for _, r := range s.Stack.Resources {
		if wanted(r) {
			return r, true
		}
	}
	return Resource{}, false
}
