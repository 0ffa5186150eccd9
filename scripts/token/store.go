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

// savedSession is what --save stores of a sign-in. Access and ID tokens are never stored.
type savedSession struct {
	PoolID       string    `json:"user_pool_id"`
	ClientID     string    `json:"client_id"`
	User         string    `json:"user"`     // as typed; part of the key
	Username     string    `json:"username"` // Cognito's user name
	RefreshToken string    `json:"refresh_token"`
	SavedAt      time.Time `json:"saved_at"`
}

// Format implements [fmt.Formatter], so that no verb prints the refresh token.
func (s savedSession) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[saved sign-in]") }

// sessionStore is the folder of saved sessions: one file of mode 0600 for each pool, client and user.
type sessionStore struct{ folder string }

// openSessionStore creates the folder if necessary. Call it before asking for anything that is to be saved.
func openSessionStore() (sessionStore, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return sessionStore{}, fmt.Errorf("--save needs a folder for settings: %w", err)
	}
	folder := filepath.Join(base, "cognito-authorizer")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return sessionStore{}, err
	}
	// MkdirAll does not change the mode of an existing folder.
	if err := os.Chmod(folder, 0o700); err != nil {
		return sessionStore{}, err
	}
	return sessionStore{folder}, nil
}

// path returns the file of a session. Its name hides the user name, which is often an e-mail address.
func (s sessionStore) path(p target, user string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{p.PoolID, p.ClientID, user}, "\x00")))
	return filepath.Join(s.folder, "session-"+hex.EncodeToString(sum[:12])+".json")
}

// save writes a new file and renames it, so that there is always a complete one.
func (s sessionStore) save(p target, entry savedSession) (err error) {
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

// load reads the session of a user. It refuses a file that others could read or write.
func (s sessionStore) load(p target, user string) (savedSession, error) {
	name := s.path(p, user)
	info, err := os.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return savedSession{}, errors.New("no sign-in is saved for this user, client and pool: sign in with token login --save")
	}
	if err != nil {
		return savedSession{}, err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return savedSession{}, fmt.Errorf("%s is open to others (%s): remove it and sign in again", name, info.Mode())
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return savedSession{}, err
	}
	var entry savedSession
	if err := json.Unmarshal(raw, &entry); err != nil || entry.RefreshToken == "" ||
		entry.PoolID != p.PoolID || entry.ClientID != p.ClientID || entry.User != user {
		return savedSession{}, fmt.Errorf("%s is not a saved sign-in of this user: remove it and sign in again", name)
	}
	return entry, nil
}

// forget removes the session of a user.
func (s sessionStore) forget(p target, user string) error { return os.Remove(s.path(p, user)) }
