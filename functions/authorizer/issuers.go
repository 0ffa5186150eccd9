package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/shared/ascii"
	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// issuer is a user pool whose tokens are accepted, with the clients and audiences of its tokens.
type issuer struct {
	URL       string   // exact iss; the keys are at <URL>/.well-known/jwks.json
	ClientIDs []string // client_id of an access token, aud of an ID token
	Audiences []string // resource identifiers accepted in aud of an access token (RFC 8707); none if empty
}

// A settingProblem reports what is wrong with a setting, and a valid value.
type settingProblem func(name, format string, args ...any)

// loadIssuers reads ISSUERS, CLIENT_IDS and AUDIENCES. ISSUERS as JSON names clients and audiences for each issuer. As a
// list it needs CLIENT_IDS and may have AUDIENCES, which then apply to every issuer.
func loadIssuers(getenv func(string) string, addProblem settingProblem) (all []issuer) {
	list := func(name, example string) []string { return readList(name, getenv(name), example, addProblem) }
	if setting := getenv("ISSUERS"); strings.HasPrefix(strings.TrimSpace(setting), "{") {
		for _, name := range []string{"CLIENT_IDS", "AUDIENCES"} {
			if getenv(name) != "" {
				addProblem(name, "is set, and ISSUERS as JSON names the clients and audiences of each issuer: remove %s", name)
			}
		}
		all = readIssuers(setting, addProblem)
		for _, one := range all {
			checkClients("ISSUERS", one.ClientIDs, addProblem)
			checkAudiences("ISSUERS", one.Audiences, addProblem)
		}
	} else {
		clients, audiences := list("CLIENT_IDS", "4p9exampleclientid7abcd1234"), list("AUDIENCES", "")
		checkClients("CLIENT_IDS", clients, addProblem)
		checkAudiences("AUDIENCES", audiences, addProblem)
		for _, url := range list("ISSUERS", issuerExample) {
			all = append(all, issuer{url, clients, audiences})
		}
	}
	for _, one := range all {
		if !isIssuer(one.URL) {
			addProblem("ISSUERS", "has %q: write the exact iss of the tokens, such as %s, without a slash at its end", one.URL, issuerExample)
		}
	}
	return all
}

// readList reads a comma-separated setting, which is required unless example is empty.
func readList(name, setting, example string, addProblem settingProblem) []string {
	if strings.TrimSpace(setting) == "" {
		if example != "" {
			addProblem(name, "is not set: give it a value such as %s", example)
		}
		return nil
	}
	values := strings.Split(setting, ",")
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
	}
	if slices.Contains(values, "") {
		addProblem(name, "has an empty entry: separate values by single commas")
	}
	return unique(values)
}

// unique removes repetitions, in place.
func unique(values []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(values, func(v string) bool {
		defer func() { seen[v] = true }()
		return seen[v]
	})
}

// issuersForm is the form of ISSUERS as JSON.
const issuersForm = `{"` + issuerExample + `":{"clients":["4p9exampleclientid7abcd1234"],"audiences":["https://api.example.com"]}}`

// readIssuers reads ISSUERS as JSON, in the order of its members. A member that it does not know is a problem, since a
// misspelled one would be ignored.
func readIssuers(setting string, addProblem settingProblem) (all []issuer) {
	err := strictjson.Read([]byte(setting), strictjson.Options{}, func(r *strictjson.Reader) error {
		return r.Object(func(url string) error {
			one := issuer{URL: url}
			problem := func(format string, args ...any) {
				addProblem("ISSUERS", "as JSON, for %q, %s", url, fmt.Sprintf(format, args...))
			}
			if r.Kind() != '{' {
				problem("is not an object: write %s", issuersForm)
				return r.Skip()
			}
			err := r.Object(func(name string) error {
				into := map[string]*[]string{"clients": &one.ClientIDs, "audiences": &one.Audiences}[name]
				if into == nil {
					problem("has a member %q: only clients and audiences are known", name)
					return r.Skip()
				}
				value, err := r.Value()
				if err != nil {
					return err
				}
				if *into, err = stringList(value); err != nil {
					problem("%s is not a list of strings", name)
				}
				return nil
			})
			if len(one.ClientIDs) == 0 && err == nil {
				problem("names no clients: write %s", issuersForm)
			}
			all = append(all, one)
			return err
		})
	})
	if err != nil {
		addProblem("ISSUERS", "is not strict JSON (%v): write %s", err, issuersForm)
		return nil
	}
	if len(all) == 0 {
		addProblem("ISSUERS", "names no issuer: write %s", issuersForm)
	}
	return all
}

// stringList reads a JSON array of strings, and removes repetitions.
func stringList(data []byte) (list []string, err error) {
	err = strictjson.Read(data, strictjson.Options{}, func(r *strictjson.Reader) error {
		list, err = r.Strings()
		return err
	})
	return unique(list), err
}

func checkClients(name string, ids []string, addProblem settingProblem) {
	for _, id := range ids {
		if !ascii.Alphanumeric.With("_+").AllWithin(id, 1, 128) { // as the Cognito API reference gives ClientIdType
			addProblem(name, "has %q, which is not an app client ID: separate several by commas", id)
		}
	}
}

func checkAudiences(name string, audiences []string, addProblem settingProblem) {
	for _, audience := range audiences {
		if len(audience) > 1024 || audience == "" || strings.IndexFunc(audience, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
			addProblem(name, "has %q: write resource identifiers such as https://api.example.com, separated by commas", audience)
		}
	}
}

const issuerExample = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"

// isIssuer reports whether s has the form of a Cognito issuer URL: lower-case origin, non-empty path, no trailing slash. It
// does not check for https, see jwks.New.
func isIssuer(s string) bool {
	scheme, rest, _ := strings.Cut(s, "://")
	host, path, _ := strings.Cut(rest, "/")
	return (scheme == "https" || scheme == "http") && ascii.Alphanumeric.With(".:[]-").AllWithin(host, 1, 255) && host == strings.ToLower(host) &&
		ascii.Alphanumeric.With("/._~-").AllWithin(path, 1, 255) && !strings.HasSuffix(path, "/") && !strings.HasSuffix(path, ".json")
}
