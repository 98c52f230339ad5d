package pipeline

import (
	"delfos/shared/partition"
	"delfos/shared/status"
)

// NewWithoutData makes a Pipeline for a front end that reaches the AWS APIs and nothing
// else, as the command does. It has neither the source API nor the target database:
// Curves, Extent, Overview and Samples must not be called. Of the Options it takes none
// that are about these, no Variables and no HTTPClient.
func NewWithoutData(o Options) *Pipeline {
	o.setDefaults()
	return &Pipeline{
		options: o, now: o.Now, logger: o.Logger,
		services: newServices(o.Config),
		status:   status.New(newDynamoDB(o.Config), o.Tables),

		definitions: newMemory[definition](),
		plans:       newMemory[[]partition.Key](),
	}
}
