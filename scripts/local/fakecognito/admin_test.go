package fakecognito_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func attributes(pairs ...string) []types.AttributeType {
	var list []types.AttributeType
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.AttributeType{Name: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
	}
	return list
}

func TestAdminCreateUser(t *testing.T) {
	w := start(t, fakecognito.Options{})
	pool := aws.String(w.PoolID())
	for _, test := range []struct {
		name string
		in   idp.AdminCreateUserInput
		kind string
	}{
		{"a name", idp.AdminCreateUserInput{Username: aws.String("bob")}, ""},
		{"the same name", idp.AdminCreateUserInput{Username: aws.String("bob")}, "UsernameExistsException"},
		{"the same name in other letters", idp.AdminCreateUserInput{Username: aws.String("BOB")}, "UsernameExistsException"},
		{"a name with a space", idp.AdminCreateUserInput{Username: aws.String("bob smith")}, "InvalidParameterException"},
		{"a weak temporary password", idp.AdminCreateUserInput{Username: aws.String("carol"), TemporaryPassword: aws.String("weak")}, "InvalidPasswordException"},
		{"an attribute that is none", idp.AdminCreateUserInput{Username: aws.String("carol"), UserAttributes: attributes("shoe_size", "42")}, "InvalidParameterException"},
		{"an attribute of the pool's own", idp.AdminCreateUserInput{Username: aws.String("carol"), UserAttributes: attributes("sub", "1")}, "InvalidParameterException"},
		{"an attribute twice", idp.AdminCreateUserInput{Username: aws.String("carol"), UserAttributes: attributes("name", "C", "name", "D")}, "InvalidParameterException"},
		{"an e-mail address that is none", idp.AdminCreateUserInput{Username: aws.String("carol"), UserAttributes: attributes("email", "carol")}, "InvalidParameterException"},
		{"a telephone number that is none", idp.AdminCreateUserInput{Username: aws.String("carol"), UserAttributes: attributes("phone_number", "0123")}, "InvalidParameterException"},
		{"another user's verified e-mail address", idp.AdminCreateUserInput{Username: aws.String("carol"), UserAttributes: attributes("email", "Alice@example.com", "email_verified", "true")}, "AliasExistsException"},
		{"another user's e-mail address, unverified", idp.AdminCreateUserInput{Username: aws.String("carol"), UserAttributes: attributes("email", "alice@example.com")}, ""},
		{"an action that is none", idp.AdminCreateUserInput{Username: aws.String("dave"), MessageAction: "SHOUT"}, "InvalidParameterException"},
		{"an invitation again", idp.AdminCreateUserInput{Username: aws.String("bob"), MessageAction: "RESEND"}, ""},
		{"an invitation again for a user who has come", idp.AdminCreateUserInput{Username: aws.String("alice"), MessageAction: "RESEND"}, "UnsupportedUserStateException"},
		{"an invitation again for nobody", idp.AdminCreateUserInput{Username: aws.String("nobody"), MessageAction: "RESEND"}, "UserNotFoundException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.UserPoolId = pool
			out, err := w.api.AdminCreateUser(t.Context(), &test.in)
			wantError(t, err, test.kind, "")
			if err == nil && (out.User.UserStatus != "FORCE_CHANGE_PASSWORD" || !out.User.Enabled || !out.User.UserCreateDate.Equal(w.time())) {
				t.Errorf("status %s, enabled %t, created %s", out.User.UserStatus, out.User.Enabled, out.User.UserCreateDate)
			}
		})
	}
	t.Run("a refused user is not half made", func(t *testing.T) {
		_, err := w.api.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: pool, Username: aws.String("dave")})
		wantError(t, err, "UserNotFoundException", "User does not exist.")
	})
	t.Run("the invitation carries the temporary password", func(t *testing.T) {
		_, err := w.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: pool, Username: aws.String("erin"), UserAttributes: attributes("email", "erin@example.com"),
			DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.passwordAuth("erin", w.lastMessage("INVITATION").Code)
		if err != nil || out.ChallengeName != "NEW_PASSWORD_REQUIRED" {
			t.Fatalf("got %+v, %v", out, err)
		}
	})
}

func TestAdministeringAUser(t *testing.T) {
	w := start(t, fakecognito.Options{})
	ctx, pool, alice := t.Context(), aws.String(w.PoolID()), aws.String("alice")
	get := func() *idp.AdminGetUserOutput {
		t.Helper()
		out, err := w.api.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: pool, Username: alice})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	value := func(name string) string {
		for _, a := range get().UserAttributes {
			if aws.ToString(a.Name) == name {
				return aws.ToString(a.Value)
			}
		}
		return ""
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Run("a new e-mail address has to be verified anew", func(t *testing.T) {
		must(w.api.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{UserPoolId: pool, Username: alice, UserAttributes: attributes("email", "a@example.org")}))
		if value("email") != "a@example.org" || value("email_verified") != "false" {
			t.Errorf("verified: %s", value("email_verified"))
		}
		_, err := w.passwordAuth("a@example.org", alicesPassword)
		wantError(t, err, "NotAuthorizedException", "")
		must(w.api.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{UserPoolId: pool, Username: alice, UserAttributes: attributes("email_verified", "true")}))
		w.signIn("a@example.org", alicesPassword)
	})
	t.Run("an empty value takes the attribute away", func(t *testing.T) {
		must(w.api.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{UserPoolId: pool, Username: alice, UserAttributes: attributes("email", "")}))
		if value("email") != "" || value("email_verified") != "" {
			t.Error("it is still there")
		}
	})
	t.Run("a user is found by sub as well", func(t *testing.T) {
		sub := value("sub")
		out, err := w.api.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: pool, Username: aws.String(sub)})
		must(out, err)
		if aws.ToString(out.Username) != "alice" {
			t.Errorf("found %s", aws.ToString(out.Username))
		}
	})
	t.Run("a permanent password", func(t *testing.T) {
		must(w.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: pool, Username: alice, Password: aws.String(newPassword), Permanent: true}))
		w.signIn("alice", newPassword)
	})
	t.Run("a temporary password", func(t *testing.T) {
		must(w.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: pool, Username: alice, Password: aws.String(alicesPassword)}))
		if got := get().UserStatus; got != "FORCE_CHANGE_PASSWORD" {
			t.Errorf("status %s", got)
		}
	})
	t.Run("a password that the policy refuses", func(t *testing.T) {
		for password, why := range map[string]string{
			"Short-1":         "Password not long enough",
			"correct-horse-1": "Password must have uppercase characters",
			"CORRECT-HORSE-1": "Password must have lowercase characters",
			"Correct-Horse":   "Password must have numeric characters",
			"CorrectHorse1":   "Password must have symbol characters",
		} {
			_, err := w.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: pool, Username: alice, Password: aws.String(password)})
			wantError(t, err, "InvalidPasswordException", "Password did not conform with policy: "+why)
		}
	})
	t.Run("disabled and enabled again", func(t *testing.T) {
		must(w.api.AdminDisableUser(ctx, &idp.AdminDisableUserInput{UserPoolId: pool, Username: alice}))
		if get().Enabled {
			t.Error("still enabled")
		}
		must(w.api.AdminEnableUser(ctx, &idp.AdminEnableUserInput{UserPoolId: pool, Username: alice}))
		if !get().Enabled {
			t.Error("still disabled")
		}
	})
	t.Run("another pool", func(t *testing.T) {
		_, err := w.api.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: aws.String("eu-west-1_AAAAAAAAA"), Username: alice})
		wantError(t, err, "ResourceNotFoundException", "")
	})
	t.Run("without AWS credentials", func(t *testing.T) {
		anonymous := w.client(aws.AnonymousCredentials{})
		_, err := anonymous.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: pool, Username: alice})
		wantError(t, err, "MissingAuthenticationTokenException", "")
	})
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
		if n == 0 { // somebody who has been listed goes, somebody who would have been listed comes
			if _, err := w.api.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: aws.String(w.PoolID()), Username: aws.String("user1")}); err != nil {
				t.Fatal(err)
			}
			w.add(fakecognito.User{Username: "aaron", Password: alicesPassword})
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
}

func TestListUsersFilters(t *testing.T) {
	w := start(t, fakecognito.Options{})
	w.add(fakecognito.User{Username: "bob", Password: alicesPassword, Email: `bob"x@example.com`, Attributes: map[string]string{"given_name": "Bob"}})
	for _, test := range []struct {
		filter string
		want   []string
		kind   string
	}{
		{"", []string{"alice", "bob"}, ""},
		{`username = "bob"`, []string{"bob"}, ""},
		{`"username"="bob"`, []string{"bob"}, ""},
		{`username ^= "a"`, []string{"alice"}, ""},
		{`email = "bob\"x@example.com"`, []string{"bob"}, ""},
		{`given_name ^= "B"`, []string{"bob"}, ""},
		{`status = "Enabled"`, []string{"alice", "bob"}, ""},
		{`cognito:user_status = "UNCONFIRMED"`, nil, ""},
		{`custom:team = "x"`, nil, "InvalidParameterException"},
		{`username`, nil, "InvalidParameterException"},
		{`username = "a" OR sub = "b"`, nil, "InvalidParameterException"},
	} {
		t.Run(test.filter, func(t *testing.T) {
			in := &idp.ListUsersInput{UserPoolId: aws.String(w.PoolID())}
			if test.filter != "" {
				in.Filter = aws.String(test.filter)
			}
			out, err := w.api.ListUsers(t.Context(), in)
			wantError(t, err, test.kind, "")
			if err != nil {
				return
			}
			var got []string
			for _, u := range out.Users {
				got = append(got, aws.ToString(u.Username))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
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
		"a page of 61":         {Limit: aws.Int32(61)},
		"a page of -1":         {Limit: aws.Int32(-1)},
		"a token that is none": {PaginationToken: aws.String("junk")},
	} {
		t.Run(name, func(t *testing.T) {
			in.UserPoolId = aws.String(w.PoolID())
			_, err := w.api.ListUsers(t.Context(), &in)
			wantError(t, err, "InvalidParameterException", "")
		})
	}
}

func TestGroups(t *testing.T) {
	w := start(t, fakecognito.Options{})
	ctx, pool, alice := t.Context(), aws.String(w.PoolID()), aws.String("alice")
	for name, precedence := range map[string]*int32{"admins": aws.Int32(2), "owners": aws.Int32(1), "readers": nil} {
		if _, err := w.api.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: pool, GroupName: aws.String(name), Precedence: precedence}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.api.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: pool, GroupName: aws.String(name), Username: alice}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.api.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: pool, GroupName: aws.String("admins")})
	wantError(t, err, "GroupExistsException", "")
	_, err = w.api.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: pool, GroupName: aws.String("nobody"), Username: alice})
	wantError(t, err, "ResourceNotFoundException", "Group not found.")
	_, err = w.api.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: pool, GroupName: aws.String("admins"), Username: aws.String("nobody")})
	wantError(t, err, "UserNotFoundException", "")

	claim := func() any {
		_, claims := parts(t, aws.ToString(w.signIn("alice", alicesPassword).AccessToken))
		return claims["cognito:groups"]
	}
	if got := fmt.Sprint(claim()); got != "[owners admins readers]" {
		t.Errorf("cognito:groups = %s, want the lowest precedence first", got)
	}
	listed, err := w.api.ListGroups(ctx, &idp.ListGroupsInput{UserPoolId: pool, Limit: aws.Int32(2)})
	if err != nil || len(listed.Groups) != 2 || listed.NextToken == nil {
		t.Fatalf("got %+v, %v", listed, err)
	}
	members, err := w.api.ListUsersInGroup(ctx, &idp.ListUsersInGroupInput{UserPoolId: pool, GroupName: aws.String("admins")})
	if err != nil || len(members.Users) != 1 || aws.ToString(members.Users[0].Username) != "alice" {
		t.Fatalf("got %+v, %v", members, err)
	}
	if _, err := w.api.DeleteGroup(ctx, &idp.DeleteGroupInput{UserPoolId: pool, GroupName: aws.String("readers")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.api.AdminRemoveUserFromGroup(ctx, &idp.AdminRemoveUserFromGroupInput{UserPoolId: pool, GroupName: aws.String("owners"), Username: alice}); err != nil {
		t.Fatal(err)
	}
	of, err := w.api.AdminListGroupsForUser(ctx, &idp.AdminListGroupsForUserInput{UserPoolId: pool, Username: alice})
	if err != nil || len(of.Groups) != 1 || aws.ToString(of.Groups[0].GroupName) != "admins" {
		t.Fatalf("got %+v, %v", of, err)
	}
	if got := fmt.Sprint(claim()); got != "[admins]" {
		t.Errorf("cognito:groups = %s", got)
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
		"an impossible group":    {Username: "bob", Password: alicesPassword, Groups: []string{"admins", "a group with spaces"}},
		"an impossible name":     {Username: "bob smith", Password: alicesPassword},
		"a name that is taken":   {Username: "Alice", Password: alicesPassword},
		"an impossible e-mail":   {Username: "bob", Password: alicesPassword, Email: "bob"},
		"an e-mail that is used": {Username: "bob", Password: alicesPassword, Email: "ALICE@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := w.AddUser(add); err == nil {
				t.Fatal("added")
			}
			users, err := w.api.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: aws.String(w.PoolID())})
			if err != nil || len(users.Users) != 1 {
				t.Errorf("%d users, %v; want Alice alone", len(users.Users), err)
			}
			groups, err := w.api.ListGroups(t.Context(), &idp.ListGroupsInput{UserPoolId: aws.String(w.PoolID())})
			if err != nil || len(groups.Groups) != 0 {
				t.Errorf("%d groups, %v; want none", len(groups.Groups), err)
			}
		})
	}
}
