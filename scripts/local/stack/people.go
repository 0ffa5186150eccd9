package stack

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Person is somebody in the pool of the local stack. The password is made up anew at each start.
type Person struct {
	Name, Password string
	Groups         []string
}

// Tokens are what a sign-in gives.
type Tokens struct{ Access, ID, Refresh string }

// The people that are in the pool from the start: one per kind of caller that the contract tells apart.
func newPeople() []Person {
	return []Person{
		{Name: "alice", Password: newPassword()},
		{Name: "olivia", Password: newPassword(), Groups: []string{"admins"}},
		{Name: "oscar", Password: newPassword(), Groups: []string{"owners"}},
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
func invite(ctx context.Context, s *fakecognito.Server, people []Person) error {
	pool, id := userPool(s), aws.String(s.PoolID())
	made := map[string]bool{}
	for _, p := range people {
		_, err := pool.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
			UserPoolId: id, Username: &p.Name, MessageAction: types.MessageActionTypeSuppress,
			UserAttributes: []types.AttributeType{
				{Name: aws.String("email"), Value: aws.String(p.Name + "@example.com")},
				{Name: aws.String("email_verified"), Value: aws.String("true")},
				{Name: aws.String("given_name"), Value: aws.String(strings.ToUpper(p.Name[:1]) + p.Name[1:])},
			},
		})
		if err != nil {
			return fmt.Errorf("creating %s: %w", p.Name, err)
		}
		_, err = pool.AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{
			UserPoolId: id, Username: &p.Name, Password: &p.Password, Permanent: true,
		})
		if err != nil {
			return fmt.Errorf("setting the password of %s: %w", p.Name, err)
		}
		for _, group := range p.Groups {
			if !made[group] {
				if _, err := pool.CreateGroup(ctx, &cognitoidentityprovider.CreateGroupInput{UserPoolId: id, GroupName: &group}); err != nil {
					return fmt.Errorf("creating the group %s: %w", group, err)
				}
				made[group] = true
			}
			_, err := pool.AdminAddUserToGroup(ctx, &cognitoidentityprovider.AdminAddUserToGroupInput{
				UserPoolId: id, Username: &p.Name, GroupName: &group,
			})
			if err != nil {
				return fmt.Errorf("adding %s to %s: %w", p.Name, group, err)
			}
		}
	}
	return nil
}

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
		return "", fmt.Errorf("the token endpoint's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK || answer.AccessToken == "" {
		return "", fmt.Errorf("the token endpoint answered %d %s", resp.StatusCode, answer.Error)
	}
	return answer.AccessToken, nil
}
