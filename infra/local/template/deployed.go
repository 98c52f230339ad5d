package template

import (
	"maps"
	"slices"
)

// Resource is a resource that the local stack has, as CloudFormation would list it.
type Resource struct {
	LogicalID  string
	PhysicalID string // as the local services know it; empty where only the running stack does, and has not told
	Type       string // after SAM's transformation, such as AWS::Lambda::Function
}

// deployed lists the resources of the types that the local stack serves, those that
// SAM makes of others included, and the log groups that functions write to. Roles,
// alarms and the like are on AWS alone.
func (b *builder) deployed() {
	written := map[string]bool{}
	for _, function := range b.template.Functions {
		written[function.LogGroup] = true
	}
	r := b.resolver
	for _, id := range slices.Sorted(maps.Keys(r.resources)) {
		resource := r.resources[id]
		kind := r.kinds[resource.kind]
		deployed := kind.deployed
		if resource.kind == logGroupType && written[r.nameOf(resource, "LogGroupName")] {
			deployed = resource.kind
		}
		if deployed == "" || !r.present(resource.condition) {
			continue
		}
		b.template.Resources = append(b.template.Resources, Resource{LogicalID: id, PhysicalID: r.physicalID(resource), Type: deployed})
	}
}

func (r *resolver) physicalID(resource *resource) string {
	kind := r.kinds[resource.kind]
	if kind.reference == nil {
		return r.environment.Attributes[resource.logicalID+"."+kind.running]
	}
	return kind.reference(r, resource)
}
