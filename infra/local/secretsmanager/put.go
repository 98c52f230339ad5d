package secretsmanager

import (
	"slices"
	"unicode/utf8"

	"delfos/infra/local/awsjson"
)

// Bounds of PutSecretValue (AWS Secrets Manager API Reference): of the text in bytes, and
// of the request's token, which becomes the version's id, in letters.
const (
	mostTextBytes                   = 65536
	leastTokenLength, mostTokenSize = 32, 64
)

type putRequest struct {
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	SecretString       *string
	SecretBinary       []byte
	VersionStages      []string
}

// putSecretValue makes a secret's text another one. Who repeats a request gets its answer.
func (s *Service) putSecretValue(body []byte) (any, error) {
	request, err := awsjson.Decode[putRequest](body)
	if err != nil {
		return nil, err
	}
	if err := request.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(request.SecretID)
	if err != nil {
		return nil, err
	}
	made := found.byID(request.ClientRequestToken)
	if made != nil && made.text != *request.SecretString {
		return nil, awsjson.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.",
			made.id, s.ARN(found.name))
	}
	if made == nil {
		made = &version{request.ClientRequestToken, *request.SecretString}
		found.versions = append(found.versions, made)
	}
	return map[string]any{"ARN": s.ARN(found.name), "Name": found.name, "VersionId": made.id, "VersionStages": found.stages(made)}, nil
}

func (r putRequest) check() error {
	switch size := utf8.RuneCountInString(r.ClientRequestToken); {
	case r.SecretBinary != nil:
		return awsjson.Errorf("ValidationException", "the local Secrets Manager does not implement SecretBinary of PutSecretValue")
	case r.VersionStages != nil && !slices.Equal(r.VersionStages, []string{current}):
		return awsjson.Errorf("ValidationException", "the local Secrets Manager does not implement other VersionStages of PutSecretValue than %s", current)
	case r.SecretString == nil:
		return awsjson.Errorf("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
	case *r.SecretString == "" || len(*r.SecretString) > mostTextBytes:
		return awsjson.Errorf("ValidationException", "Value at 'secretString' failed to satisfy constraint: Member must have length between 1 and %d", mostTextBytes)
	case r.ClientRequestToken == "":
		return awsjson.Errorf("InvalidRequestException", "You must provide a ClientRequestToken value. We recommend a UUID-type value.")
	case size < leastTokenLength || size > mostTokenSize:
		return awsjson.Errorf("ValidationException", "Value at 'clientRequestToken' failed to satisfy constraint: Member must have length between %d and %d", leastTokenLength, mostTokenSize)
	}
	return nil
}
