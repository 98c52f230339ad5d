package source

import (
	"fmt"
	"net/http"

	"delfos/shared/bearer"
)

// Do sends a request to the API with the token. Where that is refused it is read anew and,
// if it is another by now, the request is sent once more: whoever changes the token need
// not start its readers again. The request has no body. The error is an
// *UnauthorizedError, or that of the token or of http.Client.Do.
func (c *Client) Do(request *http.Request) (*http.Response, error) {
	token, err := c.token.Text(request.Context())
	if err != nil {
		return nil, err
	}
	response, err := c.present(request, token)
	if err != nil || !isRefusal(response) {
		return response, err
	}
	refusal := unauthorized(response)
	if _, fixed := c.token.(bearer.Fixed); fixed {
		return nil, refusal
	}
	renewed, err := c.token.Renewed(request.Context())
	switch {
	case err != nil:
		refusal.Anew = fmt.Sprintf("the token could not be read anew: %v", err)
		return nil, refusal
	case renewed == token:
		refusal.Anew = "the token was read anew, and is the same"
		return nil, refusal
	}
	response, err = c.present(request, renewed)
	if err != nil || !isRefusal(response) {
		return response, err
	}
	refusal = unauthorized(response)
	refusal.Anew = "the token was read anew, and the other one is refused too"
	return nil, refusal
}

func (c *Client) present(request *http.Request, token string) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+token)
	return c.http.Do(request)
}

func isRefusal(response *http.Response) bool {
	return response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden
}

// unauthorized reads a refusal to its end.
func unauthorized(response *http.Response) *UnauthorizedError {
	defer func() { _ = response.Body.Close() }() // what mattered has been read
	_, detail := problem(response)
	return &UnauthorizedError{Status: response.StatusCode, Detail: detail}
}
