package pipeline

// IsSkipped is for a property.
var IsSkipped = isSkipped
