package token

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Companies that inspect TLS hand out AWS_CA_BUNDLE.
func TestAPrivateCertificateAuthorityIsTrusted(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CA_BUNDLE", bundle)
	a, err := newAPI(t.Context(), target{Region: "eu-west-1", ClientID: "web"}, clientSecret{}, false)
	if err != nil || a == nil {
		t.Errorf("with AWS_CA_BUNDLE set: %v", err)
	}
}

// See boundedClient.Do.
func TestRequestBodiesAreReadByReadAlone(t *testing.T) {
	body := io.NopCloser(strings.NewReader("x")) // which passes WriteTo on
	if _, offered := body.(io.WriterTo); !offered {
		t.Fatal("this body could not show the fault")
	}
	var sent io.ReadCloser
	client := boundedClient{doer(func(r *http.Request) (*http.Response, error) {
		sent = r.Body
		return &http.Response{Body: io.NopCloser(strings.NewReader(strings.Repeat("y", maxResponse+1)))}, nil
	})}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com", body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, offered := sent.(io.WriterTo); offered {
		t.Error("WriteTo is still there")
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); err == nil || n != maxResponse {
		t.Errorf("%d bytes of the answer were read (%v)", n, err)
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }
