package applytest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// permission is what a call requires. Its resource is empty if the call's address does not contain it.
type permission struct {
	action, resource string
	boundary         string // the permissions boundary that the call sets on a role
}

// recorder is a proxy of a cloud that records the permission that each call requires.
type recorder struct {
	mu      sync.Mutex
	calls   map[permission]string // the value is a call that requires it
	unknown []string
}

// record puts a recorder in front of the cloud.
func record(t *testing.T, c *cloud) *recorder {
	t.Helper()
	r := &recorder{calls: map[permission]string{}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if err := r.note(request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if poolTags.MatchString(request.Header.Get("X-Amz-Target")) { // moto does not support it
			_, _ = io.WriteString(w, "{}")
			return
		}
		c.ServeHTTP(w, request)
	}))
	t.Cleanup(front.Close)
	c.URL = front.URL
	return r
}

// drain returns and clears the recorded calls.
func (r *recorder) drain() (calls map[permission]string, unknown []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls, unknown = r.calls, r.unknown
	r.calls, r.unknown = map[permission]string{}, nil
	return calls, unknown
}

var (
	signedFor     = regexp.MustCompile(`Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/aws4_request`)
	poolTags      = regexp.MustCompile(`^AWSCognitoIdentityProviderService\.(Tag|Untag)Resource$`)
	cborOperation = regexp.MustCompile(`/operation/(\w+)$`)
)

func (r *recorder) note(request *http.Request) error {
	var form url.Values
	if strings.HasPrefix(request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		if form, err = url.ParseQuery(string(body)); err != nil {
			return err
		}
	}
	var service string
	if m := signedFor.FindStringSubmatch(request.Header.Get("Authorization")); m != nil {
		service = m[1]
	}
	needs := permissionFor(service, request, form)
	called := service + " " + request.Method + " " + request.URL.RequestURI()
	r.mu.Lock()
	defer r.mu.Unlock()
	if needs.action == "" {
		r.unknown = append(r.unknown, called)
	}
	r.calls[needs] = called
	return nil
}

// permissionFor returns what a call requires by AWS's Service Authorization Reference, and zero for an unknown call. It does
// not include further permissions of a call, such as that to tag what is created. https://docs.aws.amazon.com/service-authorization/latest/reference/
func permissionFor(service string, r *http.Request, form url.Values) permission {
	switch service {
	case "cognito-idp", "dynamodb", "logs":
		_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		return permission{action: named(service, name)}
	case "monitoring":
		if m := cborOperation.FindStringSubmatch(r.URL.Path); m != nil {
			return permission{action: "cloudwatch:" + m[1]}
		}
		return permission{action: named("cloudwatch", form.Get("Action"))}
	case "iam":
		needs := permission{action: named(service, form.Get("Action")), boundary: form.Get("PermissionsBoundary")}
		if role := form.Get("RoleName"); role != "" {
			needs.resource = "arn:aws:iam::123456789012:role/" + role
		}
		return needs
	case "sts":
		return permission{action: named(service, form.Get("Action"))}
	case "apigateway":
		return permission{action: "apigateway:" + r.Method, resource: "arn:aws:apigateway:" + region + "::" + strings.TrimPrefix(r.URL.EscapedPath(), "/v2")}
	case "lambda":
		return byTable(lambdaCalls, r, "arn:aws:lambda:"+region+":123456789012:function:")
	case "cloudfront":
		return byTable(cloudFrontCalls, r, "")
	case "s3":
		return s3Permission(r)
	}
	return permission{}
}

func named(service, action string) string {
	if action == "" {
		return ""
	}
	return service + ":" + action
}

// restCall is a call recognised by method and path. A group in the path is the name of the resource.
type restCall struct {
	method string
	path   *regexp.Regexp
	action string
}

func restTo(method, path, action string) restCall {
	return restCall{method, regexp.MustCompile("^/[0-9-]+/" + path + "$"), action}
}

var lambdaCalls = []restCall{
	restTo("POST", `functions/?`, "lambda:CreateFunction"),
	restTo("GET", `functions/([^/]+)`, "lambda:GetFunction"),
	restTo("DELETE", `functions/([^/]+)`, "lambda:DeleteFunction"),
	restTo("PUT", `functions/([^/]+)/code`, "lambda:UpdateFunctionCode"),
	restTo("GET", `functions/([^/]+)/configuration`, "lambda:GetFunctionConfiguration"),
	restTo("PUT", `functions/([^/]+)/configuration`, "lambda:UpdateFunctionConfiguration"),
	restTo("GET", `functions/([^/]+)/policy`, "lambda:GetPolicy"),
	restTo("POST", `functions/([^/]+)/policy`, "lambda:AddPermission"),
	restTo("DELETE", `functions/([^/]+)/policy/[^/]+`, "lambda:RemovePermission"),
	restTo("GET", `functions/([^/]+)/versions`, "lambda:ListVersionsByFunction"),
	restTo("GET", `functions/([^/]+)/code-signing-config`, "lambda:GetFunctionCodeSigningConfig"),
	restTo("GET", `tags/.*`, "lambda:ListTags"),
	restTo("POST", `tags/.*`, "lambda:TagResource"),
	restTo("DELETE", `tags/.*`, "lambda:UntagResource"),
}

var cloudFrontCalls = []restCall{
	restTo("POST", `distribution`, "cloudfront:CreateDistribution"),
	restTo("GET", `distribution/[^/]+(?:/config)?`, "cloudfront:GetDistribution"),
	restTo("PUT", `distribution/[^/]+/config`, "cloudfront:UpdateDistribution"),
	restTo("DELETE", `distribution/[^/]+`, "cloudfront:DeleteDistribution"),
	restTo("POST", `function`, "cloudfront:CreateFunction"),
	restTo("GET", `function/[^/]+/describe`, "cloudfront:DescribeFunction"),
	restTo("GET", `function/[^/]+`, "cloudfront:GetFunction"),
	restTo("PUT", `function/[^/]+`, "cloudfront:UpdateFunction"),
	restTo("POST", `function/[^/]+/publish`, "cloudfront:PublishFunction"),
	restTo("DELETE", `function/[^/]+`, "cloudfront:DeleteFunction"),
	restTo("POST", `origin-access-control`, "cloudfront:CreateOriginAccessControl"),
	restTo("GET", `origin-access-control/[^/]+`, "cloudfront:GetOriginAccessControl"),
	restTo("POST", `response-headers-policy`, "cloudfront:CreateResponseHeadersPolicy"),
	restTo("GET", `response-headers-policy/[^/]+`, "cloudfront:GetResponseHeadersPolicy"),
	restTo("GET", `tagging`, "cloudfront:ListTagsForResource"),
	restTo("POST", `tagging`, "cloudfront:TagResource"),
}

func byTable(calls []restCall, r *http.Request, resource string) permission {
	for _, call := range calls {
		if m := call.path.FindStringSubmatch(r.URL.Path); m != nil && call.method == r.Method {
			if len(m) > 1 && resource != "" {
				return permission{action: call.action, resource: resource + m[1]}
			}
			return permission{action: call.action}
		}
	}
	return permission{}
}

// s3Names are the actions of S3 whose name differs from the query parameter.
var s3Names = map[string]string{
	"accelerate": "AccelerateConfiguration", "cors": "BucketCORS", "encryption": "EncryptionConfiguration", "lifecycle": "LifecycleConfiguration",
	"object-lock": "BucketObjectLockConfiguration", "ownershipControls": "BucketOwnershipControls", "publicAccessBlock": "BucketPublicAccessBlock",
	"replication": "ReplicationConfiguration", "requestPayment": "BucketRequestPayment",
	"acl": "BucketAcl", "logging": "BucketLogging", "policy": "BucketPolicy", "tagging": "BucketTagging", "versioning": "BucketVersioning", "website": "BucketWebsite",
}

func s3Permission(r *http.Request) permission {
	path := strings.TrimPrefix(r.URL.Path, "/")
	bucket, key, _ := strings.Cut(path, "/")
	needs := permission{resource: "arn:aws:s3:::" + strings.TrimSuffix(path, "/")}
	query := r.URL.Query()
	if key != "" {
		switch {
		case query.Has("tagging"):
			needs.action = map[string]string{"GET": "s3:GetObjectTagging", "PUT": "s3:PutObjectTagging"}[r.Method]
		case query.Has("versionId"):
			needs.action = map[string]string{"GET": "s3:GetObjectVersion", "DELETE": "s3:DeleteObjectVersion"}[r.Method]
		default:
			needs.action = map[string]string{"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}[r.Method]
		}
		return needs
	}
	for part, name := range s3Names {
		if query.Has(part) {
			verb := map[string]string{"GET": "Get", "PUT": "Put", "DELETE": "Put"}[r.Method]
			if part == "policy" && r.Method == http.MethodDelete {
				verb = "Delete"
			}
			needs.action = "s3:" + verb + name
			return needs
		}
	}
	switch {
	case query.Has("versions"):
		needs.action = "s3:ListBucketVersions"
	case query.Has("delete"):
		return permission{action: "s3:DeleteObject", resource: "arn:aws:s3:::" + bucket + "/any"}
	default:
		needs.action = map[string]string{"GET": "s3:ListBucket", "HEAD": "s3:ListBucket", "PUT": "s3:CreateBucket", "DELETE": "s3:DeleteBucket"}[r.Method]
	}
	return needs
}

// The permissions of its roles suffice for the pipeline to plan, deploy and change terraform/. The test names the permission
// that a new resource needs.
func TestThePipelineMayDeployAndChangeTheSystem(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	pipeline := newPipeline(t, c).deploy(t)
	plan, deploy := permissionsOf(t, c, "applytest-plan-"+region), permissionsOf(t, c, "applytest-deploy-"+region)
	calls := record(t, c)
	tf := newConfiguration(t, c, "terraform", zips, map[string]any{
		"name": "applytest", "region": region,
		"permissions_boundary_arn": pipeline["permissions_boundary_arn"], "manage_account_logging": true, "revocation_enabled": true,
		"site_enabled": true, "cors": map[string]any{"allowed_origins": []string{origin}}, "alarm_topic_arn": topic, "tags": map[string]string{"project": "applytest"},
	})
	tf.deploy(t)
	tf.variables["api_type"] = "http"              // replaces the API
	delete(tf.variables, "manage_account_logging") // which is for REST APIs
	tf.variables["log_level"] = "debug"
	tf.variables["tags"] = map[string]string{"owner": "applytest"}
	tf.apply(t)
	checkAllowed(t, calls, 150, deploy)
	tf.changes(t)
	checkAllowed(t, calls, 60, plan)
}

// checkAllowed fails unless at least least distinct calls were made and all are allowed.
func checkAllowed(t *testing.T, recorded *recorder, least int, allowed permissions) {
	t.Helper()
	calls, unknown := recorded.drain()
	if len(unknown) > 0 {
		t.Errorf("this test does not know what these calls require: %s", strings.Join(unknown, ", "))
	}
	if len(calls) < least {
		t.Errorf("only %d different calls were recorded", len(calls))
	}
	t.Logf("%d different calls", len(calls))
	boundaries := map[string]string{} // which IAM compares when the permissions of a role change
	for needs := range calls {
		if needs.boundary != "" {
			boundaries[needs.resource] = needs.boundary
		}
	}
	for needs, called := range calls {
		context := map[string]string{}
		if boundary, there := boundaries[needs.resource]; there {
			context["iam:PermissionsBoundary"] = boundary
		}
		if needs.action != "" && !slices.Contains(noPermissionNeeded, needs.action) && !allowed.allow(needs.action, needs.resource, context) {
			t.Errorf("%s requires %s on %q, which the role lacks", called, needs.action, needs.resource)
		}
	}
}

// noPermissionNeeded are calls that need no permission: everybody may call GetCallerIdentity, and the provider falls back to
// it if GetUser is denied.
var noPermissionNeeded = []string{"sts:GetCallerIdentity", "iam:GetUser"}
