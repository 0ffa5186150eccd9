package explain

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/cognito"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes"
)

// errLogLine reports that standard input is not a line of a log that the command knows. It never repeats any of it.
var errLogLine = errors.New("standard input is neither a line of the API's access log nor a decision line of the authorizer")

// maxLogLine is how much CloudWatch Logs keeps of one event, in bytes.
const maxLogLine = 1 << 20

// explained is what a log line says, in the words of the contract.
type explained struct {
	Log       string `json:"log"` // access or decision
	Status    string `json:"status,omitempty"`
	Outcome   string `json:"outcome,omitempty"`
	Principal string `json:"principal,omitempty"`
	ClientID  string `json:"client_id,omitempty"`
	Verified  bool   `json:"verified"` // principal and client are of a valid token
	Route     string `json:"route,omitempty"`
	Rule      string `json:"rule,omitempty"`   // what the contract asks for
	Reason    string `json:"reason,omitempty"` // why the call had this outcome
	Cached    *bool  `json:"cached,omitempty"` // absent if the line does not have it
	Decision  string `json:"decision_id,omitempty"`
	Sentence  string `json:"sentence"`
}

// explainLine reads one log line and explains it by the contract.
func explainLine(table *routes.Table, in io.Reader) (explained, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxLogLine+1))
	if err != nil {
		return explained{}, fmt.Errorf("standard input: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if len(data) > maxLogLine || strings.Contains(text, "\n") {
		return explained{}, fmt.Errorf("%w: want one line, of at most %d bytes", errLogLine, maxLogLine)
	}
	if i := strings.IndexByte(text, '{'); i > 0 { // what aws logs tail and the console put in front
		text = text[i:]
	}
	// Other members may have any type: log lines get new ones.
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil {
		return explained{}, errLogLine
	}
	line := logLine{}
	for name, value := range members {
		var s string
		if json.Unmarshal(value, &s) == nil && s != "-" { // the access log writes - for an absent value
			line[name] = s
		}
	}
	switch {
	case line["outcome"] != "" && line["reason"] != "":
		return line.decision(), nil
	case line["status"] != "" && line["method"] != "" && members["authStatus"] != nil:
		return line.access(table), nil
	}
	return explained{}, errLogLine
}

// logLine holds the members of a line that are strings and have a value.
type logLine map[string]string

// caller names a verified principal and what the token grants: "The caller 3f1c… of the client 4p9…, with group admins,".
func (l logLine) caller(principal, client string) string {
	s := "The caller " + principal
	if client != "" && client != principal {
		s += " of the client " + client
	}
	var has []string
	for _, g := range strings.Fields(l["groups"]) {
		has = append(has, "group "+g)
	}
	for _, scope := range strings.Fields(l["scopes"]) {
		has = append(has, "scope "+scope)
	}
	if len(has) > 0 {
		s += ", with " + strings.Join(has, " and ") + ","
	}
	return s
}

// decision explains a decision line of the authorizer.
func (l logLine) decision() explained {
	e := explained{
		Log: "decision", Outcome: l["outcome"], Reason: l["reason"], Route: l["route"], ClientID: l["client_id"],
		Principal: cmp.Or(l["sub"], l["client_id"]), // a machine client may have no sub
		Decision:  cmp.Or(l["api_request_id"], l["requestId"]),
	}
	e.Verified = e.Principal != ""
	caller := l.caller(e.Principal, e.ClientID)
	switch e.Outcome {
	case "allow":
		e.Sentence = fmt.Sprintf("%s may call %s.", caller, e.Route)
	case "deny":
		why := cmp.Or(l["rule"], "the contract has no such route")
		e.Rule = strings.TrimPrefix(l["rule"], "needs ")
		e.Sentence = fmt.Sprintf("%s may not call %s: %s. The API answered 403.", caller, e.Route, why)
	case "unauthorized":
		e.Sentence = fmt.Sprintf("The call of %s was answered with 401: %s.", e.Route, meaning(e.Reason))
		client, sub := l["unverified_client_id"], l["unverified_sub"]
		switch {
		case e.Verified:
			e.Sentence += fmt.Sprintf(" It is a token of %s and the client %s.", e.Principal, e.ClientID)
		case client != "" || sub != "":
			e.Principal, e.ClientID = sub, client
			e.Sentence += fmt.Sprintf(" The token names the client %s and the user %s. That is not verified: anybody can write such a token.",
				cmp.Or(client, "(none)"), cmp.Or(sub, "(none)"))
		}
	default:
		e.Sentence = fmt.Sprintf("The call of %s was answered with 500, since nothing could be decided: %s.", cmp.Or(e.Route, "an unknown route"), meaning(e.Reason))
		if cause := l["error"]; cause != "" {
			e.Sentence += " The cause: " + cause + "."
		}
	}
	return e
}

// access explains a line of API Gateway's access log.
func (l logLine) access(table *routes.Table) explained {
	e := explained{
		Log: "access", Status: l["status"], Principal: l["principalId"], ClientID: l["clientId"], Verified: l["principalId"] != "",
		Decision: cmp.Or(l["decisionId"], l["authRequestId"]),
	}
	method, template := l["method"], l["path"]
	if m, path, isRouteKey := strings.Cut(template, " "); isRouteKey { // of an HTTP API
		method, template = m, path
	}
	if template != "" {
		e.Route = method + " " + template
	}
	if id := l["decisionId"]; id != "" {
		cached := id != l["requestId"] && id != l["authRequestId"]
		e.Cached = &cached
	}
	status, _ := strconv.Atoi(e.Status)
	switch {
	case e.Route == "" || l["errorType"] == "MISSING_AUTHENTICATION_TOKEN":
		e.Reason = "the API has no such route"
		e.Sentence = fmt.Sprintf("API Gateway refused the call with %s: %s.", e.Status, e.Reason)
	case status == 401:
		e.Reason = "the authorizer refused the token"
		if e.Decision == "" {
			e.Reason = "there was no token, or not one of the form Bearer TOKEN, so API Gateway did not ask the authorizer"
			if l["authError"] != "" {
				e.Reason = "the authorizer refused the token"
			}
		}
		e.Sentence = fmt.Sprintf("The call of %s was answered with 401: %s.", e.Route, e.Reason)
	case status == 403 && e.Principal != "" && l["apiStatus"] == "" && !slices.Contains(otherRefusals, l["errorType"]):
		l.denied(&e, table, method, template)
	case status >= 500 && (l["authError"] != "" || strings.HasPrefix(l["errorType"], "AUTHORIZER_")):
		e.Reason = "the authorizer failed"
		e.Sentence = fmt.Sprintf("The call of %s was answered with %s: %s. Nothing is known of the token.", e.Route, e.Status, e.Reason)
	case l["errorType"] != "" && l["apiStatus"] == "":
		e.Reason = strings.ToLower(strings.ReplaceAll(l["errorType"], "_", " "))
		e.Sentence = fmt.Sprintf("API Gateway answered the call of %s with %s: %s. That is not the authorizer's doing.", e.Route, e.Status, e.Reason)
	default:
		l.answered(&e, table.Decide(l.rights(), method, template))
	}
	e.addOrigin()
	return e
}

// otherRefusals are the types of a 403 with which a policy has nothing to do.
var otherRefusals = []string{"INVALID_API_KEY", "WAF_FILTERED", "INVALID_SIGNATURE", "EXPIRED_TOKEN"}

// rights returns what the log line has of the caller's rights. Of claims it has sub alone.
func (l logLine) rights() routes.Principal {
	return routes.Principal{
		Scopes: strings.Fields(l["scopes"]), Groups: strings.Fields(l["groups"]), Client: l["clientId"], Claims: map[string][]string{"sub": {l["principalId"]}},
	}
}

// answered explains a call that reached the backend.
func (l logLine) answered(e *explained, d routes.Decision) {
	caller := "Anybody"
	if e.Principal != "" {
		caller = l.caller(e.Principal, e.ClientID)
	}
	e.Reason = d.Reason
	e.Sentence = fmt.Sprintf("%s may call %s: %s. The status %s is the backend's own.", caller, e.Route, e.Reason, e.Status)
}

// denied explains a 403 by the policy of a valid token.
func (l logLine) denied(e *explained, table *routes.Table, method, template string) {
	d := table.Decide(l.rights(), method, template)
	if r, found := table.Find(method, template); found {
		e.Rule = r.Rule.String()
	}
	end, err := time.Parse(time.RFC3339, l["tokenExpiresAt"])
	at, timeErr := time.Parse(accessLogTime, l["time"])
	ended := err == nil && timeErr == nil && !at.Before(end)
	switch {
	case !d.Allowed && (d.Refusal == routes.RefusedContract || d.Refusal == routes.RefusedRights):
		e.Reason = d.Reason
		if ended {
			e.Reason += fmt.Sprintf("; the token had expired as well, at %s", l["tokenExpiresAt"])
		}
	case ended:
		e.Reason = fmt.Sprintf("the result had ended with its token, at %s. The client should have refreshed it", l["tokenExpiresAt"])
	case !d.Allowed:
		e.Reason = d.Reason
		if unknown := l.unknown(table, method, template); unknown != "" {
			e.Reason = fmt.Sprintf("needs %s. Scopes and groups are there, so it failed by %s, which this log does not have", e.Rule, unknown)
		}
	case len(d.Limits) > 0:
		e.Reason = fmt.Sprintf("only %s, and this call was for something else. This log does not have its path", d.Reason)
	default:
		e.Reason = fmt.Sprintf("the contract allows it (%s), so look for a resource policy, a slash at the end of the path or two in a row, "+
			"or a deployment of another contract", d.Reason)
	}
	e.Sentence = fmt.Sprintf("%s may not call %s: %s.", l.caller(e.Principal, e.ClientID), e.Route, e.Reason)
}

// unknown returns what the rule of a route asks for, of callers with these scopes and groups, and the access log does not have.
func (l logLine) unknown(table *routes.Table, method, template string) string {
	route, _ := table.Find(method, template)
	have := table.Effective(l.rights())
	var asked []string
	for _, a := range route.Rule.AnyOf {
		if !(routes.Rule{AnyOf: []routes.AllOf{{Scopes: a.Scopes, Groups: a.Groups}}}).Allows(have) {
			continue
		}
		for _, claim := range slices.Sorted(maps.Keys(a.Claims)) {
			asked = append(asked, "claim "+claim)
		}
		for _, claim := range slices.Sorted(maps.Keys(a.Owners)) {
			asked = append(asked, "claim "+claim)
		}
		if a.MaxAge > 0 {
			asked = append(asked, "the age of the sign-in")
		}
	}
	asked = slices.DeleteFunc(asked, func(name string) bool { return name == "claim sub" && l["principalId"] != "" })
	slices.Sort(asked)
	return strings.Join(slices.Compact(asked), " or ")
}

// addOrigin appends where the decision was made.
func (e *explained) addOrigin() {
	switch {
	case e.Decision == "":
	case e.Cached != nil && *e.Cached:
		e.Sentence += fmt.Sprintf(" The result came from API Gateway's cache; the authorizer made it for the decision %s.", e.Decision)
	default:
		e.Sentence += fmt.Sprintf(" The authorizer's log has the decision %s.", e.Decision)
	}
}

// accessLogTime is the layout of $context.requestTime.
const accessLogTime = "02/Jan/2006:15:04:05 -0700"

// ownMeanings are those of the reasons of the authorizer that package cognito does not know. docs/architecture.md lists all.
var ownMeanings = map[string]string{
	"token_missing": "the request carries no token", "token_scheme": "the credentials are not of the form Bearer TOKEN",
	"token_ambiguous": "the request carries two different tokens", "revoked": "the token has been revoked",
	"no_session":              "the token names no session, so it could not be revoked: turn on token revocation for the app client",
	"revocations_unavailable": "the revocation table cannot be read", "event": "the function was not invoked by API Gateway",
	"policy": "no policy can be made for the caller", "response": "the result cannot be written", "panic": "a bug in the authorizer",
}

// meaning returns a reason in words.
func meaning(reason string) string {
	if text, known := ownMeanings[reason]; known {
		return text
	}
	if text := cognito.Meaning(reason); text != "" {
		return text
	}
	return reason
}

// printLine prints an explanation.
func printLine(c cli.Console, e explained, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(c.Out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(e)
	}
	_, err := fmt.Fprintln(c.Out, cli.Printable(e.Sentence))
	return err
}
