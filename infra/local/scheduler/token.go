package scheduler

import (
	"delfos/infra/local/awsjson"
)

// maxTokens bounds the client tokens that are remembered.
const maxTokens = 1000

// A use is what a client token was used for: a repetition of the request is answered
// as the first was.
type use struct {
	Token     string
	Operation string
	Name      string
	Hash      string // of the request
}

// tokens are the latest uses.
type tokens struct{ order []use }

func (t *tokens) add(one use) {
	if one.Token == "" {
		return
	}
	t.order = append(t.order, one)
	if len(t.order) > maxTokens {
		t.order = append([]use(nil), t.order[len(t.order)-maxTokens:]...)
	}
}

// isRepeated says whether a request was carried out before. A token that was used
// for something else is a ConflictException.
func (t *tokens) isRepeated(one use) (bool, error) {
	if one.Token == "" {
		return false, nil
	}
	for _, earlier := range t.order {
		if earlier.Token != one.Token {
			continue
		}
		if earlier != one {
			return false, &awsjson.Error{Type: "ConflictException", Status: 409, Message: "ClientToken " + one.Token + " was used with other parameters before."}
		}
		return true, nil
	}
	return false, nil
}
