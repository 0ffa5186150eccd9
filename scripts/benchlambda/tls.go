package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/fakecognito"
)

// tlsLatency is the simulated round-trip time to the key server.
const tlsLatency = 30 * time.Millisecond

// keyServer serves the pool's key set over TLS, with a certificate of its own certificate authority.
type keyServer struct {
	dir    string
	ca     []byte // PEM
	server *httptest.Server
}

func newTLS(dir string, keys []byte) (*keyServer, error) {
	ca, leaf, err := newCertificates()
	if err != nil {
		return nil, err
	}
	k := &keyServer{dir: dir, ca: ca}
	k.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(keys)
	}))
	k.server.Listener = farAway{k.server.Listener}
	k.server.EnableHTTP2 = true
	k.server.TLS = &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}
	k.server.StartTLS()
	return k, nil
}

func (k *keyServer) close() { k.server.Close() }

// systemBundles are the files with the trusted roots on Debian and Amazon Linux.
var systemBundles = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"}

// targets returns the authorizer twice: with the server's authority as the only trusted root, and with those of the system as well,
// as in Lambda. Parsing the roots is part of the cost of the first fetch.
func (k *keyServer) targets(o options, zip string, pool *fakecognito.Server) ([]*target, error) {
	issuer := k.server.URL + "/" + pool.PoolID()
	events, err := newEvents(o.Root, pool, issuer, 1)
	if err != nil {
		return nil, err
	}
	none := filepath.Join(k.dir, "no-certificates")
	if err := os.MkdirAll(none, 0o755); err != nil {
		return nil, err
	}
	make := func(name string, roots []byte) (*target, error) {
		path := filepath.Join(k.dir, name+".pem")
		return &target{name: name, zip: zip, events: events, memory: o.Memory, env: asDeployed(o.Memory, map[string]string{
			"ISSUERS": issuer, "CLIENT_IDS": pool.MachineClientID(), "SSL_CERT_FILE": path, "SSL_CERT_DIR": none,
		})}, os.WriteFile(path, roots, 0o600)
	}
	one, err := make("one-root", k.ca)
	if err != nil {
		return nil, err
	}
	for _, path := range systemBundles {
		system, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("%d-roots", bytes.Count(system, []byte("BEGIN CERTIFICATE"))+1)
		all, err := make(name, append(system, k.ca...))
		return []*target{one, all}, err
	}
	return []*target{one}, nil
}

// newCertificates returns a new certificate authority and its certificate for the loopback address.
func newCertificates() (ca []byte, leaf tls.Certificate, err error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, leaf, err
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "benchlambda"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	caDER, err := x509.CreateCertificate(rand.Reader, authority, authority, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, leaf, err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, server, authority, &leafKey.PublicKey, caKey)
	if err != nil {
		return nil, leaf, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}),
		tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}, nil
}

// farAway simulates latency: it delays what a client sends by one round trip when it connects, and each time that it waits for a
// response.
type farAway struct{ net.Listener }

func (l farAway) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &farConn{Conn: c, wait: 2 * tlsLatency}, nil // for the TCP handshake and the first message
}

type farConn struct {
	net.Conn
	wait time.Duration
}

func (c *farConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	time.Sleep(c.wait)
	c.wait = 0
	return n, err
}

func (c *farConn) Write(b []byte) (int, error) {
	c.wait = tlsLatency
	return c.Conn.Write(b)
}
