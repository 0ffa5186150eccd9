package stack

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Person is somebody in the pool of the local stack.
type Person struct {
	Name     string         `json:"name"`
	Password string         `json:"password"` // if empty, a new one
	Groups   []string       `json:"groups"`
	Claims   map[string]any `json:"claims"` // in their access and ID tokens, as a pre-token-generation trigger adds them
	Sub      string         `json:"-"`      // set by Start
}

// Tokens are the tokens of a sign-in.
type Tokens struct{ Access, ID, Refresh string }

// SamplePeople returns the users of the sample: one per kind of caller that its contract distinguishes.
func SamplePeople() []Person {
	return []Person{{Name: "alice"}, {Name: "olivia", Groups: []string{"admins"}}, {Name: "oscar", Groups: []string{"owners"}}}
}

// PeopleFor returns the people given and, for each of the groups that none of them is in, one who is named like it. The
// first, if there is none without groups, is alice, who is in none.
func PeopleFor(groups []string, given ...Person) []Person {
	all := slices.Clone(given)
	has := func(match func(Person) bool) bool { return slices.ContainsFunc(all, match) }
	if !has(func(p Person) bool { return len(p.Groups) == 0 }) {
		all = append([]Person{{Name: unused("alice", all)}}, all...)
	}
	for _, group := range groups {
		if !has(func(p Person) bool { return slices.Contains(p.Groups, group) }) {
			all = append(all, Person{Name: unused(group, all), Groups: []string{group}})
		}
	}
	return all
}

// unused returns the name, or one like it that nobody has.
func unused(name string, people []Person) string {
	for n := name; ; n += "-2" {
		if !slices.ContainsFunc(people, func(p Person) bool { return strings.EqualFold(p.Name, n) }) {
			return n
		}
	}
}

// newPassword meets the default policy of a user pool: upper and lower case, a digit, a symbol.
func newPassword() string { return "Local-" + strings.ToLower(rand.Text()[:12]) + "-7" }

// userPool calls the fake as anybody would call Cognito: through the AWS SDK.
func userPool(s *fakecognito.Server) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       s.Region(),
		BaseEndpoint: aws.String(s.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// invite puts the people into the pool.
func (s *Stack) invite() error {
	for i := range s.People {
		p := &s.People[i]
		if p.Password == "" {
			p.Password = newPassword()
		}
		attributes := map[string]string{"given_name": strings.ToUpper(p.Name[:min(1, len(p.Name))]) + p.Name[min(1, len(p.Name)):]}
		email := ""
		if plainName.MatchString(p.Name) {
			email = p.Name + "@example.com"
		}
		var err error
		if p.Sub, err = s.Cognito.AddUser(fakecognito.User{Username: p.Name, Password: p.Password, Email: email, Attributes: attributes, Groups: p.Groups, Claims: p.Claims}); err != nil {
			return fmt.Errorf("adding %s to the pool: %w", p.Name, err)
		}
	}
	return nil
}

// plainName matches names that can be part of an e-mail address.
var plainName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// SignIn gets a person's tokens with their password, as the web client.
func (s *Stack) SignIn(ctx context.Context, p Person) (Tokens, error) {
	out, err := userPool(s.Cognito).InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow: types.AuthFlowTypeUserPasswordAuth, ClientId: aws.String(s.Cognito.WebClientID()),
		AuthParameters: map[string]string{"USERNAME": p.Name, "PASSWORD": p.Password},
	})
	if err != nil {
		return Tokens{}, fmt.Errorf("signing in %s: %w", p.Name, err)
	}
	if out.AuthenticationResult == nil {
		return Tokens{}, fmt.Errorf("signing in %s: the pool asks for %s", p.Name, out.ChallengeName)
	}
	r := out.AuthenticationResult
	return Tokens{Access: aws.ToString(r.AccessToken), ID: aws.ToString(r.IdToken), Refresh: aws.ToString(r.RefreshToken)}, nil
}

// MachineToken gets an access token for the machine client (RFC 6749, section 4.4).
func (s *Stack) MachineToken(ctx context.Context, scopes ...string) (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {strings.Join(scopes, " ")}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Cognito.TokenURL(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(s.Cognito.MachineClientID(), s.Cognito.MachineClientSecret())
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&answer); err != nil {
		return "", fmt.Errorf("the response of the token endpoint: %w", err)
	}
	if resp.StatusCode != http.StatusOK || answer.AccessToken == "" {
		return "", fmt.Errorf("the token endpoint answered %d %s", resp.StatusCode, answer.Error)
	}
	return answer.AccessToken, nil
}
