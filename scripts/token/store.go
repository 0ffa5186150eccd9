package token

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// saved is what --save keeps of a sign-in. Access and ID tokens are never kept.
type saved struct {
	PoolID       string    `json:"user_pool_id"`
	ClientID     string    `json:"client_id"`
	User         string    `json:"user"`     // as typed: what it is found by
	Username     string    `json:"username"` // as Cognito has it
	RefreshToken string    `json:"refresh_token"`
	SavedAt      time.Time `json:"saved_at"`
}

// Format keeps the refresh token out of whatever prints the struct.
func (s saved) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[saved sign-in]") }

// store is the folder of saved sign-ins: one file of mode 0600 for each pool, client and user.
type store struct{ folder string }

// openStore makes the folder if need be, before anything is asked for that could not be saved.
func openStore() (store, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return store{}, fmt.Errorf("--save needs a folder for settings: %w", err)
	}
	folder := filepath.Join(base, "cognito-authorizer")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return store{}, err
	}
	// MkdirAll leaves a folder that was there as it was.
	if err := os.Chmod(folder, 0o700); err != nil {
		return store{}, err
	}
	return store{folder}, nil
}

// path does not show the user name, which is often an e-mail address.
func (s store) path(p place, user string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{p.PoolID, p.ClientID, user}, "\x00")))
	return filepath.Join(s.folder, "session-"+hex.EncodeToString(sum[:12])+".json")
}

// save writes a file beside the old one and puts it in its place, so that there is always a whole one.
func (s store) save(p place, entry saved) (err error) {
	document, err := json.MarshalIndent(entry, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(s.folder, "new-*") // of mode 0600
	if err != nil {
		return fmt.Errorf("the refresh token is not saved: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close() // the first error counts
			_ = os.Remove(f.Name())
			err = fmt.Errorf("the refresh token is not saved: %w", err)
		}
	}()
	if _, err := f.Write(append(document, '\n')); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path(p, entry.User))
}

// load reads what was saved for the user. A file that others could have read or written is refused.
func (s store) load(p place, user string) (saved, error) {
	name := s.path(p, user)
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return saved{}, errors.New("no sign-in is saved for this user, client and pool: sign in with token login --save")
	}
	if err != nil {
		return saved{}, err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return saved{}, fmt.Errorf("%s is open to others (%s): remove it and sign in again", name, info.Mode())
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return saved{}, err
	}
	var entry saved
	if err := json.Unmarshal(raw, &entry); err != nil || entry.RefreshToken == "" ||
		entry.PoolID != p.PoolID || entry.ClientID != p.ClientID || entry.User != user {
		return saved{}, fmt.Errorf("%s is not a saved sign-in of this user: remove it and sign in again", name)
	}
	return entry, nil
}

// forget removes what was saved for the user.
func (s store) forget(p place, user string) error { return os.Remove(s.path(p, user)) }
