// Package running lets a command in another shell find the local pool of cognito-authorizer run.
package running

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Pool describes a running local Cognito. Its secret is of a pool that ends with the process.
type Pool struct {
	Endpoint            string `json:"endpoint"`
	Region              string `json:"region"`
	UserPoolID          string `json:"userPoolId"`
	ClientID            string `json:"clientId"`
	MachineClientID     string `json:"machineClientId"`
	MachineClientSecret string `json:"machineClientSecret"`
	TokenURL            string `json:"tokenUrl"`
	APIURL              string `json:"apiUrl"`
}

// file returns the file that announces the pool, in the user's cache folder and readable only by the user.
func file() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "cognito-authorizer", "run.json"), nil
}

// Announce lets [Find] find the pool until forget is called. It is a convenience: where it is not possible, nothing is
// announced. Of several, the last counts.
func Announce(p Pool) (forget func()) {
	nothing := func() {}
	path, err := file()
	if err != nil {
		return nothing
	}
	data, err := json.Marshal(p)
	if err != nil || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return nothing
	}
	half, err := os.CreateTemp(filepath.Dir(path), ".run-*") // of mode 0600
	if err != nil {
		return nothing
	}
	_, err = half.Write(data)
	if closed := half.Close(); err != nil || closed != nil || os.Rename(half.Name(), path) != nil {
		_ = os.Remove(half.Name()) // nothing more can be done
		return nothing
	}
	return func() {
		if now, err := os.ReadFile(path); err == nil && string(now) == string(data) {
			_ = os.Remove(path) // a stale file is noticed by Find
		}
	}
}

// Find returns the pool that was announced last, if it still answers on this machine.
func Find() (Pool, bool) {
	path, err := file()
	if err != nil {
		return Pool{}, false
	}
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || hasModes && info.Mode().Perm()&0o077 != 0 {
		return Pool{}, false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Pool{}, false
	}
	var p Pool
	if json.Unmarshal(data, &p) != nil {
		return Pool{}, false
	}
	u, err := url.Parse(p.Endpoint)
	if err != nil || u.Scheme != "http" || !net.ParseIP(u.Hostname()).IsLoopback() {
		return Pool{}, false
	}
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(context.Background(), "tcp", u.Host)
	if err != nil {
		return Pool{}, false
	}
	_ = connection.Close() // nothing was sent
	return p, true
}
