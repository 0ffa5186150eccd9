package fakecognito_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

func TestAdminGetUser(t *testing.T) {
	w := start(t, fakecognito.Options{})
	pool := aws.String(w.PoolID())
	sub := w.add(fakecognito.User{Username: "bob", Password: alicesPassword, Email: "bob@example.com"})
	for _, name := range []string{"bob", "BOB", sub, "bob@example.com"} {
		out, err := w.api.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: pool, Username: aws.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		if aws.ToString(out.Username) != "bob" || !out.Enabled || out.UserStatus != "CONFIRMED" || !out.UserCreateDate.Equal(w.time()) {
			t.Errorf("by %s: got %s, %s", name, aws.ToString(out.Username), out.UserStatus)
		}
	}
	for _, test := range []struct {
		name   string
		client *idp.Client
		pool   string
		user   string
		kind   string
	}{
		{"an unknown user", w.api, w.PoolID(), "nobody", "UserNotFoundException"},
		{"another pool", w.api, "eu-west-1_AAAAAAAAA", "bob", "ResourceNotFoundException"},
		{"without AWS credentials", w.client(aws.AnonymousCredentials{}), w.PoolID(), "bob", "MissingAuthenticationTokenException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.client.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: aws.String(test.pool), Username: aws.String(test.user)})
			wantError(t, err, test.kind, "")
		})
	}
}

func TestPasswordPolicy(t *testing.T) {
	w := start(t, fakecognito.Options{})
	for password, why := range map[string]string{
		"Short-1":         "Password not long enough",
		"correct-horse-1": "Password must have uppercase characters",
		"CORRECT-HORSE-1": "Password must have lowercase characters",
		"Correct-Horse":   "Password must have numeric characters",
		"CorrectHorse1":   "Password must have symbol characters",
	} {
		_, err := w.AddUser(fakecognito.User{Username: "bob", Password: password})
		if err == nil || !strings.Contains(err.Error(), "Password did not conform with policy: "+why) {
			t.Errorf("got %v, want %s", err, why)
		}
	}
}

func TestListUsersInPages(t *testing.T) {
	w := start(t, fakecognito.Options{})
	want := []string{"alice"}
	for i := range 7 {
		name := fmt.Sprintf("user%d", i)
		want = append(want, name)
		w.add(fakecognito.User{Username: name, Password: alicesPassword})
	}
	var got []string
	pages := idp.NewListUsersPaginator(w.api, &idp.ListUsersInput{UserPoolId: aws.String(w.PoolID()), Limit: aws.Int32(3)})
	for n := 0; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Users {
			got = append(got, aws.ToString(u.Username))
		}
		if n == 0 { // adding a user that sorts into the first page must not shift the next page
			w.add(fakecognito.User{Username: "aaron", Password: alicesPassword})
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

func TestListUsersParameters(t *testing.T) {
	w := start(t, fakecognito.Options{})
	t.Run("only the attributes that are asked for", func(t *testing.T) {
		out, err := w.api.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: aws.String(w.PoolID()), AttributesToGet: []string{"email"}})
		if err != nil {
			t.Fatal(err)
		}
		if a := out.Users[0].Attributes; len(a) != 1 || aws.ToString(a[0].Name) != "email" {
			t.Errorf("got %d attributes", len(a))
		}
	})
	for name, in := range map[string]idp.ListUsersInput{
		"a page of 61":     {Limit: aws.Int32(61)},
		"a page of -1":     {Limit: aws.Int32(-1)},
		"an invalid token": {PaginationToken: aws.String("junk")},
	} {
		t.Run(name, func(t *testing.T) {
			in.UserPoolId = aws.String(w.PoolID())
			_, err := w.api.ListUsers(t.Context(), &in)
			wantError(t, err, "InvalidParameterException", "")
		})
	}
}

func TestThrottling(t *testing.T) {
	w := start(t, fakecognito.Options{})
	w.SetFaults(fakecognito.Faults{Throttled: true})
	_, err := w.passwordAuth("alice", alicesPassword)
	wantError(t, err, "TooManyRequestsException", "Rate exceeded")
	w.SetFaults(fakecognito.Faults{})
	w.signIn("alice", alicesPassword)
}

func signOut(t *testing.T, w *world, username string) {
	t.Helper()
	if _, err := w.api.AdminUserGlobalSignOut(t.Context(), &idp.AdminUserGlobalSignOutInput{UserPoolId: aws.String(w.PoolID()), Username: aws.String(username)}); err != nil {
		t.Fatal(err)
	}
}

func getUser(accessToken string) *idp.GetUserInput {
	return &idp.GetUserInput{AccessToken: aws.String(accessToken)}
}

func TestAddUserIsAllOrNothing(t *testing.T) {
	w := start(t, fakecognito.Options{})
	for name, add := range map[string]fakecognito.User{
		"no password":            {Username: "bob"},
		"a weak password":        {Username: "bob", Password: "weak"},
		"an unknown attribute":   {Username: "bob", Password: alicesPassword, Attributes: map[string]string{"shoe_size": "42"}},
		"the pool's own sub":     {Username: "bob", Password: alicesPassword, Attributes: map[string]string{"sub": "1"}},
		"an invalid telephone":   {Username: "bob", Password: alicesPassword, Attributes: map[string]string{"phone_number": "0123"}},
		"an invalid group":       {Username: "bob", Password: alicesPassword, Groups: []string{"admins", "a group with spaces"}},
		"an invalid name":        {Username: "bob smith", Password: alicesPassword},
		"a name that is taken":   {Username: "Alice", Password: alicesPassword},
		"an invalid e-mail":      {Username: "bob", Password: alicesPassword, Email: "bob"},
		"an e-mail that is used": {Username: "bob", Password: alicesPassword, Email: "ALICE@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.AddUser(add); err == nil {
				t.Fatal("added")
			}
			users, err := w.api.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: aws.String(w.PoolID())})
			if err != nil || len(users.Users) != 1 {
				t.Errorf("%d users, %v; want only Alice", len(users.Users), err)
			}
		})
	}
}
