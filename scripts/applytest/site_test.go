package applytest

import (
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// otherRegion is the region of a second system of the same name.
const otherRegion = "us-east-1"

// The site with a REST API behind it, in two regions of one account under the same name. If the name of a role or of something
// of CloudFront were not unique in the account, the second apply would fail, or the first destroy would delete it from both.
func TestASiteInTwoRegionsWithTheSameName(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	tf := newConfiguration(t, c, "terraform", zips, map[string]any{
		"name": "applytest", "region": region,
		"site_enabled": true, "deletion_protection": false,
	})
	outputs := tf.deploy(t)
	t.Run("what is there", func(t *testing.T) {
		checkDistribution(t, c, outputs)
		checkPage(t, c, outputs)
		web := client(t, idp.NewFromConfig(c.config()), outputs["user_pool_id"], outputs["web_client_id"])
		if want := []string{outputs["site_url"] + "/"}; !slices.Equal(web.CallbackURLs, want) || !slices.Equal(web.LogoutURLs, want) {
			t.Errorf("managed login may go back to %v and %v, want %v", web.CallbackURLs, web.LogoutURLs, want)
		}
	})
	t.Run("where paths lead", func(t *testing.T) { checkEdgeFunctions(t, c) })
	other := newConfiguration(t, c, "terraform", zips, map[string]any{
		"name": "applytest", "region": otherRegion,
		"site_enabled": true, "deletion_protection": false,
	})
	if !t.Run("side by side", func(t *testing.T) {
		t.Run("a second plan of the first", func(t *testing.T) { t.Parallel(); tf.expectNoChanges(t) })
		t.Run("the second", func(t *testing.T) { t.Parallel(); other.deploy(t) })
	}) {
		return
	}
	t.Run("the second region has all that the first one has", func(t *testing.T) {
		first, second := listResources(t, c, region), listResources(t, c, otherRegion)
		for kind, names := range first {
			if len(names) != len(second[kind]) {
				t.Errorf("%s: %v in %s, and %v in %s", kind, names, region, second[kind], otherRegion)
			}
		}
		for _, name := range slices.Concat(first["roles"], first["buckets"]) {
			if !strings.HasSuffix(name, "-"+region) && !strings.HasSuffix(name, "-"+otherRegion) {
				t.Errorf("%s is unique in the account, and its name does not contain its region", name)
			}
		}
	})
	tf.run(t, "destroy", "-auto-approve", "-refresh=false")
	other.expectNoChanges(t)
	other.destroy(t, c)
}

func checkDistribution(t *testing.T, c *cloud, outputs map[string]string) {
	ids := c.distributions(t)
	if len(ids) != 1 {
		t.Fatalf("%d distributions, want 1", len(ids))
	}
	d := c.distribution(t, ids[0])
	if outputs["site_url"] != "https://"+d.Domain {
		t.Errorf("site_url is %s, and the distribution is at %s", outputs["site_url"], d.Domain)
	}
	api := strings.TrimSuffix(strings.TrimPrefix(outputs["api_url"], "https://"), "/prod")
	if len(d.Origins) != 2 || !slices.Contains(d.Origins, api) {
		t.Errorf("the origins are %v, want the bucket and %s", d.Origins, api)
	}
	if !slices.Equal(d.Paths, []string{"/api/*"}) {
		t.Errorf("there are behaviours for %v, want one for /api/*", d.Paths)
	}
	if d.ErrorResponses != 0 {
		t.Error("refusals of the API are replaced")
	}
}

// checkPage checks the objects of the page's bucket.
func checkPage(t *testing.T, c *cloud, outputs map[string]string) {
	buckets := c.buckets(t)
	if len(buckets) != 1 {
		t.Fatalf("the buckets are %v, want one", buckets)
	}
	policy := decodeInto[struct {
		Statement []struct {
			Effect    string
			Principal any
			Condition map[string]map[string]string
		}
	}](t, []byte(c.bucketPolicies.of(buckets[0])))
	for _, statement := range policy.Statement {
		if statement.Effect == "Allow" && !strings.Contains(statement.Condition["StringEquals"]["AWS:SourceArn"], ":distribution/"+c.distributions(t)[0]) {
			t.Errorf("somebody else than the distribution may read the bucket: %v", statement)
		}
	}
	get := func(name string) (string, string) {
		content, header := c.send(t, "s3", http.MethodGet, "/"+buckets[0]+"/"+name, "")
		return string(content), header.Get("Content-Type")
	}
	if content, kind := get("index.html"); !strings.Contains(content, "<!doctype html>") || kind != "text/html; charset=utf-8" {
		t.Errorf("index.html is %s", kind)
	}
	text, _ := get("config.json")
	config := decodeInto[struct{ Issuer, ClientID, APIURL string }](t, []byte(text))
	if config.Issuer != outputs["issuer"] || config.ClientID != outputs["web_client_id"] || config.APIURL != "/api" {
		t.Errorf("the page is told %+v", config)
	}
	text, _ = get("contract.json")
	contract := decodeInto[struct{ Paths map[string]any }](t, []byte(text))
	for route := range contractRoutes(t) {
		_, path, _ := strings.Cut(route, " ")
		if contract.Paths[path] == nil {
			t.Errorf("the page does not know %s", path)
		}
	}
}

// checkEdgeFunctions runs the deployed functions of CloudFront.
func checkEdgeFunctions(t *testing.T, c *cloud) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not installed, so nothing here shows what the functions of CloudFront do")
	}
	for _, test := range []struct{ function, path, want string }{
		{"-page", "/", "/index.html"},
		{"-page", "/getUser", "/index.html"},
		{"-page", "/deep/link", "/index.html"},
		{"-page", "/api", "/index.html"},
		{"-page", "/app.js", "/app.js"},
		{"-page", "/v1.2/link", "/index.html"},
		{"-api", "/api/users/alice", "/users/alice"},
		{"-api", "/api/users/al%2Fice", "/users/al%2Fice"},
		{"-api", "/api/api/x", "/api/x"},
		{"-api", "/api/", "/"},
	} {
		event, err := json.Marshal(map[string]any{"request": map[string]string{"uri": test.path}})
		if err != nil {
			t.Fatal(err)
		}
		script := c.cloudFront.code(test.function) + "\nprocess.stdout.write(handler(" + string(event) + ").uri);"
		out, err := exec.CommandContext(t.Context(), node, "-e", script).Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", filepath.Base(node), err, stderr(err))
		}
		if string(out) != test.want {
			t.Errorf("%s leads %s to %s, want %s", test.function, test.path, out, test.want)
		}
	}
}

// stderr returns the standard error of a command that failed with err.
func stderr(err error) []byte {
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		return failed.Stderr
	}
	return nil
}
