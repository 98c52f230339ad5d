package source

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"delfos/shared/bearer"
)

// ClientOptions say which API a Client reads, and how.
type ClientOptions struct {
	BaseURL    string       // "https://host", without /data
	Token      bearer.Token // the API's own
	HTTPClient *http.Client // nil means http.DefaultClient; redirects are never followed
	Retry      RetryPolicy  // the zero value means DefaultRetryPolicy
	PageRows   int          // rows to ask for in a page; 0 leaves it to the API
	Logger     *slog.Logger // told of each attempt that is repeated; nil means nobody

	// What depends on time and chance, for tests; nil means the real thing.
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Random func() float64 // in [0, 1)
}

// Client reads the source API. It is safe for concurrent use.
type Client struct {
	base     *url.URL
	token    bearer.Token
	http     *http.Client
	retrier  retrier
	pageRows int
}

// NewClient makes a Client. The error says which option is wrong.
func NewClient(options ClientOptions) (*Client, error) {
	base, err := url.Parse(options.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("source API address %q: want http://host:port or https://host", options.BaseURL)
	}
	if options.Token == nil || options.Token == bearer.Fixed("") {
		return nil, fmt.Errorf("source API token: it is empty; set the token that the API has")
	}
	client := *cmp.Or(options.HTTPClient, http.DefaultClient)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c := &Client{base: base, token: options.Token, http: &client, pageRows: options.PageRows, retrier: retrier{
		policy: cmp.Or(options.Retry, DefaultRetryPolicy()),
		now:    time.Now, sleep: sleep, random: rand.Float64,
		logger: cmp.Or(options.Logger, slog.New(slog.DiscardHandler)),
	}}
	if options.Now != nil {
		c.retrier.now = options.Now
	}
	if options.Sleep != nil {
		c.retrier.sleep = options.Sleep
	}
	if options.Random != nil {
		c.retrier.random = options.Random
	}
	return c, nil
}

// Read hands the samples of the query to page, in time order, a page at a time,
// each page once and only when it has come whole and right. The rows are valid
// only during the call. It returns the fingerprint of all of them.
//
// An error of page ends the reading and is returned as it is. Others are
// *UnavailableError, *ChangedError (trying again later can help),
// *UnauthorizedError, *RejectedError, *InvalidDataError (it cannot), or, before
// anything was asked, the query's own.
func (c *Client) Read(ctx context.Context, query Query, page func(*Rows) error) (Fingerprint, error) {
	if err := query.Validate(); err != nil {
		return "", err
	}
	return newReading(c, query).run(ctx, page)
}

// Changed tells whether the window's content differs from what it was when it had
// this fingerprint. No row is downloaded where it does not, one where it does. The
// errors are those of Read, but for *ChangedError.
func (c *Client) Changed(ctx context.Context, query Query, since Fingerprint) (bool, error) {
	if err := query.Validate(); err != nil {
		return false, err
	}
	address := c.address(query, 1)
	var now Fingerprint
	err := c.retrier.do(ctx, func(ctx context.Context) error {
		answer, err := c.get(ctx, address, since, nil)
		if err != nil {
			return err
		}
		now = answer.fingerprint
		return nil
	})
	if err != nil {
		return false, err
	}
	return now != since, nil
}

// address is where the first page is. A limit of 0 leaves it to the API.
func (c *Client) address(query Query, limit int) *url.URL {
	parameters := url.Values{
		"start":     {query.Span.Start.UTC().Format(time.RFC3339Nano)},
		"end":       {query.Span.End.UTC().Format(time.RFC3339Nano)},
		"variables": query.Variables,
	}
	if limit != 0 {
		parameters.Set("limit", strconv.Itoa(limit))
	}
	address := c.base.JoinPath("data")
	address.RawQuery = parameters.Encode()
	return address
}
