package template

import "time"

// asynchronous reads a function's EventInvokeConfig (AWS SAM Developer Guide,
// "EventInvokeConfiguration"; the limits are those of Lambda's
// PutFunctionEventInvokeConfig).
func (b *builder) asynchronous(function *Function, config *fields) {
	function.AsyncRetries = config.integer("MaximumRetryAttempts", 0, 2, 2)
	function.MaxEventAge = time.Duration(config.integer("MaximumEventAgeInSeconds", 60, 21600, 21600)) * time.Second
	destinations := config.object("DestinationConfig")
	if failure := destinations.object("OnFailure"); failure.node != nil {
		function.OnFailureARN = b.onFailure(function.LogicalID, failure)
	}
	destinations.finish()
	config.finish()
}

// onFailure makes a queue where there is no Destination, as SAM does.
func (b *builder) onFailure(function string, failure *fields) string {
	defer failure.finish()
	failure.requiredOneOf("Type", "SQS")
	if failure.has("Destination") {
		return b.sends(failure, "Destination")
	}
	return b.generatedQueue(failure.line(), failureQueueID(function))
}

// eventInvokeConfig refuses an AWS::Lambda::EventInvokeConfig that says anything:
// the local stack takes it from the function's own property.
func (b *builder) eventInvokeConfig(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("FunctionName", "Qualifier")
	fields.finish()
}
