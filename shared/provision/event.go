// Package provision brings the databases of a stack up to date when CloudFormation
// asks for it: a custom resource (CloudFormation User Guide, "Create custom
// provisioning logic with custom resources").
package provision

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-lambda-go/cfn"
)

// maxDemoDays is what can be filled in within a function's time.
const maxDemoDays = 366

// request is what CloudFormation sends. A person may leave out all of it.
type request struct {
	cfn.Event
	demoDays int
}

// parse reads an event. What could be read of it is returned with an error as well,
// so that the error can be answered.
func parse(raw json.RawMessage) (request, error) {
	var r request
	if err := json.Unmarshal(raw, &r.Event); err != nil {
		return r, fmt.Errorf("the event is no request of CloudFormation's: %w", err)
	}
	switch r.RequestType {
	case "", cfn.RequestCreate, cfn.RequestUpdate, cfn.RequestDelete:
	default:
		return r, fmt.Errorf("RequestType %q: want Create, Update or Delete", r.RequestType)
	}
	given, ok := r.ResourceProperties["DemoDays"]
	if !ok {
		return r, nil
	}
	days, err := strconv.Atoi(fmt.Sprint(given)) // CloudFormation sends numbers as text
	if err != nil || days < 0 || days > maxDemoDays {
		return r, fmt.Errorf("DemoDays %v: want 0 to %d", given, maxDemoDays)
	}
	r.demoDays = days
	return r, nil
}
