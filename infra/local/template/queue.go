package template

import "time"

// Queue is an AWS::SQS::Queue, or one that SAM makes.
type Queue struct {
	LogicalID  string
	Name       string
	ARN        string
	Retention  time.Duration // MessageRetentionPeriod: 1 minute to 14 days
	Visibility time.Duration // VisibilityTimeout: 0 to 12 hours
}

// queue reads an AWS::SQS::Queue; the defaults are CreateQueue's (Amazon SQS API
// Reference).
func (b *builder) queue(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "QueueName", "SqsManagedSseEnabled", "Tags")
	b.template.Queues = append(b.template.Queues, Queue{
		LogicalID:  resource.logicalID,
		Name:       b.resolver.nameOf(resource, "QueueName"),
		ARN:        queueARN(b.resolver, resource),
		Retention:  time.Duration(fields.integer("MessageRetentionPeriod", 60, 1209600, 345600)) * time.Second,
		Visibility: time.Duration(fields.integer("VisibilityTimeout", 0, 43200, 30)) * time.Second,
	})
	fields.finish()
}

// generatedQueue adds a queue that SAM makes and returns its ARN.
func (b *builder) generatedQueue(line int, logicalID string) string {
	made := b.resolver.generated(line, logicalID, "AWS::SQS::Queue")
	if made == nil {
		return ""
	}
	b.queue(made)
	return queueARN(b.resolver, made)
}
