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

// Service answers GetSecretValue, PutSecretValue and DescribeSecret; the secrets are in
// memory, and what was put is gone with the Service.
type Service struct {
	region, accountID string
	created           time.Time

	mu     sync.RWMutex
	byName map[string]*secret
}

// New makes a Service without secrets; created is the creation date that it reports of
// each secret and each version.
func New(region, accountID string, created time.Time) *Service {
	return &Service{region: region, accountID: accountID, created: created, byName: map[string]*secret{}}
}

// firstVersion is what a secret has as long as nobody puts another value into it.
const firstVersion = "00000000-0000-0000-0000-000000000001"

// Put keeps a secret's text and returns its ARN. On AWS an ARN ends in six
// random characters; here they are fixed, so that ARNs survive a restart.
func (s *Service) Put(name, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byName[name] = newSecret(name, firstVersion, text)
	return s.ARN(name)
}

// ARN is a secret's address, whether it is there yet or not.
func (s *Service) ARN(name string) string {
	return fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s-AAAAAA", s.region, s.accountID, name)
}

// TargetPrefix is Secrets Manager's.
func (s *Service) TargetPrefix() string { return "secretsmanager" }

// Call carries out one operation.
func (s *Service) Call(_ context.Context, operation string, body []byte) (any, error) {
	switch operation {
	case "GetSecretValue":
		return s.getSecretValue(body)
	case "PutSecretValue":
		return s.putSecretValue(body)
	case "DescribeSecret":
		return s.describeSecret(body)
	default:
		return nil, awsjson.UnknownOperation("Secrets Manager", operation)
	}
}

type getRequest struct {
	SecretID     string `json:"SecretId"`
	VersionID    string `json:"VersionId"`
	VersionStage string
}

func (s *Service) getSecretValue(body []byte) (any, error) {
	request, err := awsjson.Decode[getRequest](body)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, err := s.find(request.SecretID)
	if err != nil {
		return nil, err
	}
	version, err := found.version(request.VersionID, request.VersionStage)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"ARN": s.ARN(found.name), "Name": found.name, "CreatedDate": s.created.Unix(),
		"SecretString": version.text, "VersionId": version.id, "VersionStages": found.stages(version),
	}, nil
}

type describeRequest struct {
	SecretID string `json:"SecretId"`
}

func (s *Service) describeSecret(body []byte) (any, error) {
	request, err := awsjson.Decode[describeRequest](body)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, err := s.find(request.SecretID)
	if err != nil {
		return nil, err
	}
	stages := map[string][]string{}
	for _, version := range found.versions {
		if labels := found.stages(version); len(labels) > 0 {
			stages[version.id] = labels
		}
	}
	return map[string]any{"ARN": s.ARN(found.name), "Name": found.name, "CreatedDate": s.created.Unix(), "VersionIdsToStages": stages}, nil
}

// find takes a secret's name or ARN.
func (s *Service) find(id string) (*secret, error) {
	for name, found := range s.byName {
		if id == name || id == s.ARN(name) {
			return found, nil
		}
	}
	return nil, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}
