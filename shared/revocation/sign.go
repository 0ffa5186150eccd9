package revocation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// signer signs requests of the one form that [Table] sends, POST / with a body, by Signature Version 4. The SDK's signer, which
// takes any request, costs more than all else that a read of the table adds to its latency. A test compares the two.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type signer struct {
	region string

	mu          sync.Mutex // guards the rest
	secret, day string     // what key was derived from
	key         []byte
}

const (
	signingAlgorithm = "AWS4-HMAC-SHA256"
	signingService   = "dynamodb"
)

// sign sets the headers of a call: its type, the operation, the time, the session token and the signature.
func (s *signer) sign(req *http.Request, target string, body []byte, credentials aws.Credentials, now time.Time) {
	date := now.UTC().Format("20060102T150405Z")
	day := date[:len("20060102")]
	scope := day + "/" + s.region + "/" + signingService + "/aws4_request"

	// Header names in canonical form, which net/http need not look for.
	req.Header = http.Header{
		"Content-Type": {contentTypeJSON}, "X-Amz-Date": {date}, "X-Amz-Target": {target},
	}
	names := "content-length;content-type;host;x-amz-date;x-amz-target"
	token := ""
	if credentials.SessionToken != "" {
		req.Header["X-Amz-Security-Token"] = []string{credentials.SessionToken}
		names = "content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
		token = "x-amz-security-token:" + credentials.SessionToken + "\n"
	}
	canonical := "POST\n/\n\ncontent-length:" + strconv.Itoa(len(body)) + "\ncontent-type:" + contentTypeJSON + "\nhost:" + req.URL.Host +
		"\nx-amz-date:" + date + "\n" + token + "x-amz-target:" + target + "\n\n" + names + "\n" + hexDigest(body)
	signature := hex.EncodeToString(mac(s.keyFor(credentials.SecretAccessKey, day), signingAlgorithm+"\n"+date+"\n"+scope+"\n"+hexDigest([]byte(canonical))))
	req.Header["Authorization"] = []string{
		signingAlgorithm + " Credential=" + credentials.AccessKeyID + "/" + scope + ", SignedHeaders=" + names + ", Signature=" + signature,
	}
}

// keyFor returns the signing key of a day. It is derived once for a day and a secret.
func (s *signer) keyFor(secret, day string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key == nil || s.secret != secret || s.day != day {
		s.secret, s.day = secret, day
		s.key = mac(mac(mac(mac([]byte("AWS4"+secret), day), s.region), signingService), "aws4_request")
	}
	return s.key
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hexDigest(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
