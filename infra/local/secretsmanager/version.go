package secretsmanager

import (
	"delfos/infra/local/awsjson"
)

// The staging labels that Secrets Manager moves by itself (PutSecretValue, AWS Secrets
// Manager API Reference).
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// secret has its versions in the order in which they came.
type secret struct {
	name     string
	versions []*version
}

type version struct{ id, text string }

func newSecret(name, id, text string) *secret {
	return &secret{name, []*version{{id, text}}}
}

// stages are the labels of a version: the last has one, and the one before it another.
func (s *secret) stages(one *version) []string {
	last := len(s.versions) - 1
	if one == s.versions[last] {
		return []string{current}
	}
	if one == s.versions[last-1] {
		return []string{previous}
	}
	return nil
}

// byID is nil where there is no such version.
func (s *secret) byID(id string) *version {
	for _, one := range s.versions {
		if one.id == id {
			return one
		}
	}
	return nil
}

// version is the one of an id, a label or both; without either it is the current one.
func (s *secret) version(id, stage string) (*version, error) {
	if id == "" && stage == "" {
		stage = current
	}
	for _, one := range s.versions {
		labels := s.stages(one)
		if (id == "" || id == one.id) && (stage == "" || len(labels) == 1 && labels[0] == stage) {
			return one, nil
		}
	}
	if id != "" && s.byID(id) != nil {
		return nil, awsjson.Errorf("InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.")
	}
	if id != "" {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", id)
	}
	return nil, awsjson.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", stage)
}
