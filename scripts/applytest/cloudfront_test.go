package applytest

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// cloudFront stores CloudFront's functions and response headers policies, which moto lacks. It validates nothing.
type cloudFront struct {
	mu        sync.Mutex
	functions map[string]edgeFunction // by name
	policies  map[string]string       // the configuration as XML, by id
	made      int                     // policies so far
}

type edgeFunction struct {
	config string // as XML
	code   string
}

var (
	functionPath = regexp.MustCompile(`^/2020-05-31/function(?:/([^/]+))?(/describe|/publish)?$`)
	policyName   = regexp.MustCompile(`<Name>[^<]*</Name>`)
	policyPath   = regexp.MustCompile(`^/2020-05-31/response-headers-policy(?:/([^/]+))?$`)
)

// serve reports whether the request was about these, and then has served it.
func (c *cloudFront) serve(w http.ResponseWriter, r *http.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Header().Set("ETag", "E1")
	if at := functionPath.FindStringSubmatch(r.URL.Path); at != nil {
		c.function(w, r, at[1], at[2])
		return true
	}
	if at := policyPath.FindStringSubmatch(r.URL.Path); at != nil {
		c.policy(w, r, at[1])
		return true
	}
	w.Header().Del("ETag")
	return false
}

func (c *cloudFront) function(w http.ResponseWriter, r *http.Request, name, what string) {
	if r.Method == http.MethodPost && name == "" {
		var call struct {
			Name   string
			Config struct {
				Inner string `xml:",innerxml"`
			} `xml:"FunctionConfig"`
			Code string `xml:"FunctionCode"`
		}
		if err := xml.NewDecoder(r.Body).Decode(&call); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if _, taken := c.functions[call.Name]; taken {
			conflict(w, "FunctionAlreadyExists")
			return
		}
		code, err := base64.StdEncoding.DecodeString(call.Code)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.functions[call.Name] = edgeFunction{config: call.Config.Inner, code: string(code)}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, c.functions[call.Name].summary(call.Name))
		return
	}
	f, known := c.functions[name]
	switch {
	case !known:
		missing(w, "NoSuchFunctionExists")
	case r.Method == http.MethodDelete:
		delete(c.functions, name)
		w.WriteHeader(http.StatusNoContent)
	case what == "":
		_, _ = io.WriteString(w, f.code)
	default: // described or published
		_, _ = io.WriteString(w, f.summary(name))
	}
}

func (f edgeFunction) summary(name string) string {
	return fmt.Sprintf(`<FunctionSummary><Name>%s</Name><Status>UNASSOCIATED</Status><FunctionConfig>%s</FunctionConfig>`+
		`<FunctionMetadata><FunctionARN>arn:aws:cloudfront::123456789012:function/%[1]s</FunctionARN><Stage>LIVE</Stage>`+
		`<LastModifiedTime>2026-11-22T12:00:00Z</LastModifiedTime></FunctionMetadata></FunctionSummary>`, name, f.config)
}

func (c *cloudFront) policy(w http.ResponseWriter, r *http.Request, id string) {
	if r.Method == http.MethodPost && id == "" {
		var config struct {
			Inner string `xml:",innerxml"`
		}
		if err := xml.NewDecoder(r.Body).Decode(&config); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		name := policyName.FindString(config.Inner)
		for _, other := range c.policies {
			if policyName.FindString(other) == name {
				conflict(w, "ResponseHeadersPolicyAlreadyExists")
				return
			}
		}
		c.made++
		id = fmt.Sprintf("policy-%d", c.made)
		c.policies[id] = config.Inner
		w.WriteHeader(http.StatusCreated)
	}
	config, known := c.policies[id]
	switch {
	case !known:
		missing(w, "NoSuchResponseHeadersPolicy")
	case r.Method == http.MethodDelete:
		delete(c.policies, id)
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = fmt.Fprintf(w, `<ResponseHeadersPolicy><Id>%s</Id><LastModifiedTime>2026-11-22T12:00:00Z</LastModifiedTime>`+
			`<ResponseHeadersPolicyConfig>%s</ResponseHeadersPolicyConfig></ResponseHeadersPolicy>`, id, config)
	}
}

func missing(w http.ResponseWriter, code string) { refuse(w, http.StatusNotFound, code, "not found") }

func conflict(w http.ResponseWriter, code string) {
	refuse(w, http.StatusConflict, code, "the name is taken")
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, code, message)
}

// code returns the code of the function with this name between the deployment's name and the region.
func (c *cloudFront) code(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for full, f := range c.functions {
		if strings.HasSuffix(full, name+"-"+region) {
			return f.code
		}
	}
	return ""
}

func (c *cloudFront) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.functions) + len(c.policies)
}
