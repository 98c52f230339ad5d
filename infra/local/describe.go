package local

import (
	"delfos/infra/local/apigateway"
	"delfos/infra/local/cloudformation"
)

// cloudFormation tells of this stack by its name.
func (s *Stack) cloudFormation() *cloudformation.Service {
	described := cloudformation.Stack{
		Name: StackName, Description: s.template.Description, Created: s.choices.Created,
	}
	for _, p := range s.template.Parameters {
		described.Parameters = append(described.Parameters, cloudformation.Parameter{Key: p.Name, Value: p.Value, NoEcho: p.NoEcho})
	}
	for _, o := range s.template.Outputs {
		described.Outputs = append(described.Outputs, cloudformation.Output{Key: o.Name, Value: o.Value, Description: o.Description})
	}
	for _, r := range s.template.Resources {
		described.Resources = append(described.Resources, cloudformation.Resource{LogicalID: r.LogicalID, PhysicalID: r.PhysicalID, Type: r.Type})
	}
	return &cloudformation.Service{Region: Region, AccountID: AccountID, Stack: described}
}

// apiGateway tells of the HTTP APIs, wherever on this machine they are.
func (s *Stack) apiGateway() *apigateway.Service {
	endpoints := map[string]string{sourceAPI: s.apiURL(), consoleAPI: s.consoleURL()}
	described := &apigateway.Service{AccountID: AccountID, Created: s.choices.Created}
	for _, api := range s.template.HTTPAPIs {
		described.APIs = append(described.APIs, apigateway.API{ID: api.ID, Name: api.Name, Endpoint: endpoints[api.LogicalID]})
	}
	return described
}
