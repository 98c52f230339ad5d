// Package secretsmanager stands in for AWS Secrets Manager: secrets that the
// local stack gives it, read by the functions as on AWS.
package secretsmanager

import (
	"context"
	"fmt"
	"sync"
	"time"

	"delfos/infra/local/awsjson"
)

// Service answers GetSecretValue and DescribeSecret; the secrets are in memory.
type Service struct {
	region, accountID string
	created           time.Time

	mu     sync.RWMutex
	byName map[string]string
}

// New makes a Service without secrets; created is the creation date it reports.
func New(region, accountID string, created time.Time) *Service {
	return &Service{region: region, accountID: accountID, created: created, byName: map[string]string{}}
}

// Put keeps a secret's text and returns its ARN. On AWS an ARN ends in six
// random characters; here they are fixed, so that ARNs survive a restart.
func (s *Service) Put(name, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byName[name] = text
	return s.ARN(name)
}

// ARN is a secret's address, whether it is there yet or not.
func (s *Service) ARN(name string) string {
	return fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s-AAAAAA", s.region, s.accountID, name)
}

// TargetPrefix is Secrets Manager's.
func (s *Service) TargetPrefix() string { return "secretsmanager" }

type secretRequest struct {
	SecretID     string `json:"SecretId"`
	VersionStage string
}

// Call carries out one operation.
func (s *Service) Call(_ context.Context, operation string, body []byte) (any, error) {
	if operation != "GetSecretValue" && operation != "DescribeSecret" {
		return nil, awsjson.UnknownOperation("Secrets Manager", operation)
	}
	request, err := awsjson.Decode[secretRequest](body)
	if err != nil {
		return nil, err
	}
	if request.VersionStage != "" && request.VersionStage != "AWSCURRENT" {
		return nil, awsjson.Errorf("ResourceNotFoundException", "the local Secrets Manager keeps the version AWSCURRENT alone")
	}
	name, text, ok := s.find(request.SecretID)
	if !ok {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	answer := map[string]any{"ARN": s.ARN(name), "Name": name, "CreatedDate": s.created.Unix()}
	if operation == "GetSecretValue" {
		answer["SecretString"] = text
		answer["VersionId"] = "00000000-0000-0000-0000-000000000001"
		answer["VersionStages"] = []string{"AWSCURRENT"}
	}
	return answer, nil
}

// find takes a secret's name or ARN.
func (s *Service) find(id string) (name, text string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for name, text := range s.byName {
		if id == name || id == s.ARN(name) {
			return name, text, true
		}
	}
	return "", "", false
}
