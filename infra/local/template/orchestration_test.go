package template_test

import (
	"testing"

	"delfos/infra/local/template"
)

func TestWhatStartsFunctionsAndMachinesIsNamedAsSamNamesIt(t *testing.T) {
	t.Parallel()
	loaded, err := template.Load("testdata/orchestration.yaml", template.Environment{
		Attributes: map[string]string{"Letters.QueueUrl": "http://127.0.0.1:4566/000000000000/letters"},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantGolden(t, "orchestration.golden.json", loaded)
}

// besides is functionOf with a machine and a queue, and on its line 14 another
// resource X.
func besides(resource string) string {
	return functionOf("") + `  Q: {Type: AWS::SQS::Queue}
  Role: {Type: AWS::IAM::Role}
  M: {Type: AWS::Serverless::StateMachine, Properties: {Role: !Ref Role, Definition: {StartAt: A}}}
  ` + "\n  X: " + resource + "\n"
}

func TestEventsThatTheLocalStackDoesNotServeAreRefused(t *testing.T) {
	t.Parallel()
	const (
		line  = "template.yaml:9: "
		event = line + "F.Events.E"
	)
	for property, want := range map[string]string{
		`{Type: Schedule, Properties: {Schedule: rate(1 day)}}`: event + ": the event type Schedule is not supported by the local stack",
		`{Type: S3}`:                          event + ": the event type S3 is not supported by the local stack",
		`{Type: ScheduleV2}`:                  event + ".Properties.ScheduleExpression is missing",
		`{Type: ScheduleV2, Properties: [a]}`: event + ".Properties is a mapping\n" + event + ".Properties.ScheduleExpression is missing",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), GroupName: g}}`:                                                       event + ".Properties.GroupName is g; the local stack serves default",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), State: on}}`:                                                          event + ".Properties.State is on; the local stack serves ENABLED, DISABLED",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Name: n, OmitName: true}}`:                                            event + ".Properties has either Name or OmitName",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: "{"}}`:                                                         event + ".Properties.Input is not JSON",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Schedule: a}}`:                                                        event + ".Properties.Schedule is not supported by the local stack",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), StartDate: soon}}`:                                                    event + `.Properties.StartDate is "soon", want a time such as 2026-03-01T00:00:00Z`,
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), EndDate: 2026-03-01T00:00:00Z}}`:                                      event + `.Properties.EndDate has to be in quotes: SAM takes it for a date, and wants text`,
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: FLEXIBLE}}}`:                               event + ".Properties.FlexibleTimeWindow.MaximumWindowInMinutes is missing",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 1441}}}`: event + `.Properties.FlexibleTimeWindow.MaximumWindowInMinutes is "1441", want a whole number from 1 to 1440`,
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), RetryPolicy: {MaximumRetryAttempts: 186}}}`:                           event + `.Properties.RetryPolicy.MaximumRetryAttempts is "186", want a whole number from 0 to 185`,
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), RetryPolicy: {MaximumEventAgeInSeconds: 59}}}`:                        event + `.Properties.RetryPolicy.MaximumEventAgeInSeconds is "59", want a whole number from 60 to 86400`,
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {}}}`:                                               event + ".Properties.DeadLetterConfig.Arn is missing",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {Type: SNS}}}`:                                      event + ".Properties.DeadLetterConfig.Type is SNS; the local stack serves SQS",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {Type: SQS, QueueLogicalId: F}}}`:                   line + "SAM makes a resource F of F, and there is one of that name",
		`{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {Arn: there}}}`:                                     event + ".Properties.DeadLetterConfig.Arn is there, which is no queue of this template",
		`!If [Yes, {Type: ScheduleV2}, {Type: ScheduleV2}]`:                                                                                     line + "SAM makes a resource FE here only of what is written out, without Fn::If",
		`{Type: EventBridgeRule}`:                                                             event + ".Properties.Pattern is missing",
		`{Type: EventBridgeRule, Properties: {Pattern: {}}}`:                                  event + ".Properties.Pattern is a mapping of at least one key",
		`{Type: EventBridgeRule, Properties: {Pattern: {source: [0x1F]}}}`:                    line + "0x1F becomes JSON: write it as JSON does, or in quotes",
		`{Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, EventBusName: mine}}`:   event + ".Properties.EventBusName is mine; the local stack serves default",
		`{Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, InputPath: $.detail}}`:  event + ".Properties.InputPath is not supported by the local stack",
		`{Type: CloudWatchEvent, Properties: {Pattern: {source: [a]}, Target: {Arn: there}}}`: event + ".Properties.Target.Arn is not supported by the local stack",
	} {
		t.Run(property, func(t *testing.T) {
			t.Parallel()
			source := functionOf("Events: {E: "+property+"}") + "Conditions: {Yes: !Equals [a, a]}\n"
			_, err := template.Parse("template.yaml", []byte(source), template.Environment{})
			wantError(t, err, want)
		})
	}
}

func TestResourcesThatTheLocalStackDoesNotServeAreRefused(t *testing.T) {
	t.Parallel()
	const line = "template.yaml:14: "
	const schedule = `Type: AWS::Scheduler::Schedule, Properties: {ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: "OFF"}, `
	for resource, want := range map[string]string{
		`{Type: AWS::Scheduler::Schedule}`: line + "X.FlexibleTimeWindow is missing\n" + line + "X.ScheduleExpression is missing\n" +
			line + "X.Target.Arn is missing\n" + line + "X.Target.RoleArn is missing",
		`{` + schedule + `Target: {Arn: !GetAtt F.Arn}}}`:                                                                                             line + "X.Target.RoleArn is missing",
		`{` + schedule + `Target: {Arn: "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", RoleArn: r}}}`:                                                 line + "X.Target.Arn is arn:aws:scheduler:::aws-sdk:sqs:sendMessage, which is no function or state machine of this template",
		`{` + schedule + `Target: {Arn: !GetAtt Q.Arn, RoleArn: r}}}`:                                                                                 line + "X.Target.Arn is arn:aws:sqs:us-east-1:000000000000:delfos-Q, which is no function or state machine of this template",
		`{` + schedule + `Target: {Arn: !Ref M, RoleArn: r, SqsParameters: {}}}}`:                                                                     line + "X.Target.SqsParameters is not supported by the local stack",
		`{` + schedule + `Target: {Arn: !Ref M, RoleArn: r, DeadLetterConfig: {Type: SQS}}}}`:                                                         line + "X.Target.DeadLetterConfig.Arn is missing\n" + line + "X.Target.DeadLetterConfig.Type is not supported by the local stack",
		`{` + schedule + `KmsKeyArn: k, Target: {Arn: !Ref M, RoleArn: r, DeadLetterConfig: {Arn: !Ref M}}}}`:                                         line + "X.Target.DeadLetterConfig.Arn is arn:aws:states:us-east-1:000000000000:stateMachine:delfos-M, which is no queue of this template",
		`{Type: AWS::Scheduler::ScheduleGroup}`:                                                                                                       line + "X: the type AWS::Scheduler::ScheduleGroup is not supported by the local stack",
		`{Type: AWS::Events::Rule}`:                                                                                                                   line + "X.EventPattern is missing",
		`{Type: AWS::Events::Rule, Properties: {EventPattern: !Ref AWS::NoValue, ScheduleExpression: rate(1 day)}}`:                                   line + "X.EventPattern is missing\n" + line + "X.ScheduleExpression is not supported by the local stack",
		`{Type: AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, Targets: [{Id: a, Arn: !Ref M}, {Id: a, Arn: b}]}}`:                      line + "X.Targets[1].Arn is b, which is no function or state machine of this template\n" + line + "X.Targets[1].Id is another target's too",
		`{Type: AWS::Events::Rule, Properties: {EventPattern: {source: [a]}, Targets: [{Id: a, Arn: !Ref M, Input: "{}"}]}}`:                          line + "X.Targets[0].Input is not supported by the local stack",
		`{Type: AWS::Events::EventBus}`:                                                                                                               line + "X: the type AWS::Events::EventBus is not supported by the local stack",
		`{Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}`:                                                                                      line + "X.FifoQueue is not supported by the local stack",
		`{Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {}}}`:                                                                                    line + "X.RedrivePolicy is not supported by the local stack",
		`{Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 59}}`:                                                                           line + `X.MessageRetentionPeriod is "59", want a whole number from 60 to 1209600`,
		`{Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 43201}}`:                                                                             line + `X.VisibilityTimeout is "43201", want a whole number from 0 to 43200`,
		`{Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Q}}`:                                                                                    line + "Q.QueueUrl is known only where the stack runs: it has to be given in Environment.Attributes",
		`{Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref F, Qualifier: $LATEST, MaximumRetryAttempts: 1}}`:                     line + "X.MaximumRetryAttempts is not supported by the local stack",
		`{Type: AWS::SNS::Subscription}`:                                                                                                              line + "X: the type AWS::SNS::Subscription is not supported by the local stack",
		`{Type: AWS::Serverless::StateMachine}`:                                                                                                       line + "X has either Definition or DefinitionUri",
		`{Type: AWS::Serverless::StateMachine, Properties: {Definition: {}, Type: EXPRESS}}`:                                                          line + "X.Type is EXPRESS; the local stack serves STANDARD",
		`{Type: AWS::Serverless::StateMachine, Properties: {Definition: {}, Role: r, Policies: []}}`:                                                  line + "X has either Role or Policies",
		`{Type: AWS::Serverless::StateMachine, Properties: {Definition: {}, AutoPublishAlias: a}}`:                                                    line + "X.AutoPublishAlias is not supported by the local stack",
		`{Type: AWS::Serverless::StateMachine, Properties: {Definition: {}, Events: {E: {Type: EventBridgeRule, Properties: {}}}}}`:                   line + "X.Events.E: the event type EventBridgeRule is not supported by the local stack",
		`{Type: AWS::Serverless::StateMachine, Properties: {Definition: {}, Events: {E-F: {Type: ScheduleV2, Properties: {ScheduleExpression: a}}}}}`: line + "X.Events.E-F: an event's name is letters and digits alone",
		`{Type: AWS::StepFunctions::StateMachine}`:                                                                                                    line + "X: the type AWS::StepFunctions::StateMachine is not supported by the local stack",
	} {
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("template.yaml", []byte(besides(resource)), template.Environment{})
			wantError(t, err, want)
		})
	}
}

func TestAsynchronousFailuresGoToAQueue(t *testing.T) {
	t.Parallel()
	const line = "template.yaml:9: F.EventInvokeConfig.DestinationConfig."
	for failure, want := range map[string]string{
		`{OnFailure: {Type: Lambda, Destination: !GetAtt Q.Arn}}`: line + "OnFailure.Type is Lambda; the local stack serves SQS",
		`{OnFailure: {Destination: !GetAtt Q.Arn}}`:               line + "OnFailure.Type is missing",
		`{OnFailure: {Type: SQS, Destination: there}}`:            line + "OnFailure.Destination is there, which is no queue of this template",
		`{OnSuccess: {Type: SQS}}`:                                line + "OnSuccess is not supported by the local stack",
	} {
		t.Run(failure, func(t *testing.T) {
			t.Parallel()
			source := functionOf("EventInvokeConfig: {DestinationConfig: "+failure+"}") + "  Q: {Type: AWS::SQS::Queue}\n"
			_, err := template.Parse("template.yaml", []byte(source), template.Environment{})
			wantError(t, err, want)
		})
	}
}

func TestWhatSamMakesGoesWithItsOwnersCondition(t *testing.T) {
	t.Parallel()
	source := functionOf(`Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), DeadLetterConfig: {Type: SQS}}}}`) + `    Condition: No
Conditions: {No: !Equals [a, b]}
`
	parsed := parse(t, source, template.Environment{})
	if len(parsed.Schedules) != 0 || len(parsed.Queues) != 0 {
		t.Errorf("got %d schedules and %d queues, want none", len(parsed.Schedules), len(parsed.Queues))
	}
	_, err := template.Parse("template.yaml", []byte(source+"Outputs: {A: {Value: !GetAtt FEQueue.Arn}}\n"), template.Environment{})
	wantError(t, err, "template.yaml:12: FEQueue is referred to, but its condition does not hold")
}
