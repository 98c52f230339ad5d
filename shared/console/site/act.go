package site

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"delfos/shared/pipeline"
)

// Refusal is an error that says itself what the error page should say.
type Refusal struct { //nolint:errname // pages make it for what it says, and it reads so
	Status int
	Title  string
	Advice string
	Links  []Link
}

// Error is title and advice.
func (e *Refusal) Error() string { return e.Title + ": " + e.Advice }

// Accept tells whether a POST may do something, and answers where it may not: the
// request must bring the token of a form of ours (`{{csrf}}`) and come from our own
// pages, and in a read-only console nothing is done. r.PostForm is parsed.
func (s *Site) Accept(w http.ResponseWriter, r *http.Request) bool {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		s.Problem(w, r, http.StatusMethodNotAllowed, "This address does not take "+r.Method, "Use the page's button.")
		return false
	}
	if s.ReadOnly {
		s.Problem(w, r, http.StatusForbidden, "This console is read-only",
			"Nothing was done. Whoever runs the stack can change that by its parameter ConsoleReadOnly.")
		return false
	}
	return s.ours(w, r)
}

// Do answers a POST by doing something, if Accept lets it. Afterwards the browser is
// sent to redirect, a path of this console; where the script asks for JSON the answer is
// {"redirect": …}. An error becomes the error page with the status that the error's type
// says. r.PostForm is parsed.
func (s *Site) Do(w http.ResponseWriter, r *http.Request, act func(ctx context.Context, who pipeline.Actor) (redirect string, err error)) {
	if !s.Accept(w, r) {
		return
	}
	redirect, err := act(r.Context(), pipeline.Actor{Name: actorOf(r), Via: "console"})
	s.acted(w, r) // something may be done also where it failed
	if err != nil {
		s.Fail(w, r, err)
		return
	}
	if redirect = localPath(redirect); wantsJSON(r) {
		writeJSON(w, "application/json", http.StatusOK, map[string]string{"redirect": redirect})
		return
	}
	http.Redirect(w, r, redirect, http.StatusSeeOther)
}

// ours tells whether a form is one of ours, sent by somebody on our pages, and
// answers where it is not: by what the browser says of where it comes from (RFC 6454
// and Fetch Metadata), and by the token that only our pages have.
func (s *Site) ours(w http.ResponseWriter, r *http.Request) bool {
	if err := r.ParseForm(); err != nil {
		status, advice := http.StatusBadRequest, "Go back, reload the page and send the form again."
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status, advice = http.StatusRequestEntityTooLarge, "A form holds at most 1 MiB."
		}
		s.Problem(w, r, status, "The form could not be read", advice)
		return false
	}
	token := r.PostForm.Get("csrf")
	if token == "" {
		token = r.Header.Get("Delfos-Csrf")
	}
	if http.NewCrossOriginProtection().Check(r) == nil && s.keys.formTokenIs(browserOf(r), token) {
		return true
	}
	s.audit(r, actorOf(r), "send a form to "+r.URL.Path, "it is none of ours, from "+cmp.Or(r.Header.Get("Origin"), "nowhere told"))
	s.Problem(w, r, http.StatusForbidden, "This form has grown old",
		"Nothing was done. The form was made before you signed in or by another browser, or it came from another site. "+
			"Reload the page and send it again; cookies must be allowed for this site.")
	return false
}

// Fail answers an error of the pipeline by the error page, with the status and the
// title that its type calls for.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	refusal := refusalOf(err)
	if refusal.Status >= http.StatusInternalServerError {
		s.Logger.WarnContext(r.Context(), "the pipeline could not answer", "path", r.URL.Path, "error", err.Error())
	}
	links := refusal.Links
	if again := refusal.Status >= http.StatusInternalServerError; again && len(links) == 0 && r.Method == http.MethodGet && !isFragment(r) {
		links = []Link{{"Try again", r.URL.RequestURI()}, {"Overview", "/"}}
	}
	s.Problem(w, r, refusal.Status, refusal.Title, refusal.Advice, links...)
}

// refusalOf finds what to say of an error.
func refusalOf(err error) *Refusal {
	if known, ok := errors.AsType[*Refusal](err); ok {
		return known
	}
	if known, ok := errors.AsType[*pipeline.NotFoundError](err); ok {
		return &Refusal{http.StatusNotFound, "There is no " + known.What + " " + known.Name, sentence(known.Advice), nil}
	}
	if known, ok := errors.AsType[*pipeline.InvalidError](err); ok {
		return &Refusal{http.StatusBadRequest, "This cannot be asked for", sentence(known.Error()), nil}
	}
	if known, ok := errors.AsType[*pipeline.ConflictError](err); ok {
		return &Refusal{http.StatusConflict, capital(known.Reason), sentence(known.Advice), nil}
	}
	if known, ok := errors.AsType[*pipeline.RunFailedError](err); ok {
		return runFailed(known)
	}
	if known, ok := errors.AsType[*pipeline.UnavailableError](err); ok {
		return &Refusal{http.StatusServiceUnavailable, capital(known.What) + " cannot be reached", sentence(known.Error()), nil}
	}
	if known, ok := errors.AsType[*pipeline.RefusedError](err); ok {
		return &Refusal{http.StatusBadGateway, capital(known.What) + " refused", sentence(known.Error()), nil}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &Refusal{http.StatusGatewayTimeout, "This took too long", "What was begun may go on by itself. Look at it in a moment.", nil}
	}
	return &Refusal{http.StatusInternalServerError, "This did not work", sentence(err.Error()), nil}
}

// runFailed says that something was done, and what came of it.
func runFailed(err *pipeline.RunFailedError) *Refusal {
	links := []Link{{"The day " + err.Partition.String(), "/partitions/" + err.Partition.String()}}
	if err.RunID != "" {
		links = append(links, Link{"The run and its log", "/runs/" + err.RunID})
	}
	return &Refusal{
		http.StatusUnprocessableEntity, "The run of " + err.Partition.String() + " has failed: " + err.Type,
		sentence(err.Message) + " The day's data, if there was any, is as good as before.", links,
	}
}
