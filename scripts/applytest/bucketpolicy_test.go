package applytest

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// bucketPolicies keeps the policies of buckets in moto's place. They refuse calls over plain HTTP, and everything on
// this machine goes over plain HTTP, so moto would rightly refuse every object.
type bucketPolicies struct {
	mu  sync.Mutex
	all map[string]string // by bucket
}

// answer answers a request that is about one. It reports whether it did.
func (b *bucketPolicies) answer(w http.ResponseWriter, r *http.Request) bool {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if !r.URL.Query().Has("policy") || !strings.Contains(r.Header.Get("Authorization"), "/s3/") || key != "" {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch policy, known := b.all[bucket]; {
	case r.Method == http.MethodPut:
		text, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return true
		}
		b.all[bucket] = string(text)
		w.WriteHeader(http.StatusNoContent)
	case !known:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "<Error><Code>NoSuchBucketPolicy</Code><Message>not found</Message></Error>")
	case r.Method == http.MethodDelete:
		delete(b.all, bucket)
		w.WriteHeader(http.StatusNoContent)
	default:
		_, _ = io.WriteString(w, policy)
	}
	return true
}

// of returns the policy of a bucket.
func (b *bucketPolicies) of(bucket string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all[bucket]
}
