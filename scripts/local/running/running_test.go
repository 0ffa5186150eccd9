package running

import (
	"net"
	"os"
	"runtime"
	"testing"
)

// announce announces a pool that listens, in a cache folder of the test's own.
func announce(t *testing.T) (pool Pool, forget func()) {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, home)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	pool = Pool{Endpoint: "http://" + l.Addr().String(), UserPoolID: "eu-west-1_AbCdEf123", MachineClientSecret: "secret"}
	return pool, Announce(pool)
}

func TestAPoolIsFoundWhileItIsAnnounced(t *testing.T) {
	pool, forget := announce(t)
	if found, ok := Find(); !ok || found != pool {
		t.Errorf("%+v, %v", found, ok)
	}
	another := pool
	another.UserPoolID = "eu-west-1_Another12"
	forgetAnother := Announce(another)
	forget() // not its own any more
	if found, ok := Find(); !ok || found != another {
		t.Errorf("%+v, %v", found, ok)
	}
	forgetAnother()
	if _, ok := Find(); ok {
		t.Error("it is found after it has ended")
	}
}

func TestAFileThatCannotBeTrustedIsNotRead(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"others can write it": func(t *testing.T, path string) {
			if runtime.GOOS == "windows" {
				t.Skip("files have no modes")
			}
			if err := os.Chmod(path, 0o666); err != nil {
				t.Fatal(err)
			}
		},
		"another host": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(`{"endpoint":"http://192.0.2.1:80"}`), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"nobody listens": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(`{"endpoint":"http://127.0.0.1:1"}`), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"no JSON": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(`{`), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			announce(t)
			path, err := file()
			if err != nil {
				t.Fatal(err)
			}
			spoil(t, path)
			if found, ok := Find(); ok {
				t.Errorf("%+v was found", found)
			}
		})
	}
}

func TestOnlyThePersonCanReadWhatIsAnnounced(t *testing.T) {
	announce(t)
	path, err := file()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || hasModes && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}
