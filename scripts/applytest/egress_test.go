package applytest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// egressProxy is a CONNECT proxy that routes one host to the cloud over TLS, with a certificate of its own. A deployed function
// uses it through its environment.
type egressProxy struct {
	proxy, certificates string
	calls               atomic.Int64 // that reached the host
	down                atomic.Bool  // the host cannot be reached
}

func newEgressProxy(t *testing.T, host string, c *cloud) *egressProxy {
	t.Helper()
	w := &egressProxy{certificates: filepath.Join(t.TempDir(), "ca.pem")}
	certificate := selfSigned(t, host, w.certificates)

	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.calls.Add(1)
		c.ServeHTTP(rw, r)
	}))
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	secure.StartTLS()
	t.Cleanup(secure.Close)

	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != host+":443" {
			http.Error(rw, "this proxy allows only "+host, http.StatusForbidden)
			return
		}
		if w.down.Load() {
			http.Error(rw, "cannot connect", http.StatusBadGateway)
			return
		}
		join(r.Context(), rw, secure.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	w.proxy = proxy.URL
	return w
}

// environment returns the variables that make a function use the proxy.
func (w *egressProxy) environment() map[string]string {
	return map[string]string{"HTTPS_PROXY": w.proxy, "SSL_CERT_FILE": w.certificates}
}

// join turns an HTTP connection into a tunnel to an address.
func join(ctx context.Context, rw http.ResponseWriter, address string) {
	to, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadGateway)
		return
	}
	defer to.Close()
	from, buffered, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	if _, err := io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(to, buffered)
		_ = to.Close()
	}()
	_, _ = io.Copy(from, to)
}

// selfSigned returns a certificate for a host and writes it to a file of trusted roots.
func selfSigned(t *testing.T, host, file string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
