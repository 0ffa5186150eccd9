package applytest

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// bucketPolicies stores bucket policies instead of moto. They deny calls over plain HTTP, which all calls here use, so moto
// would refuse every object.
type bucketPolicies struct {
	mu  sync.Mutex
	all map[string]string // by bucket
}

// serve reports whether the request was about a bucket policy, and then has served it.
func (b *bucketPolicies) serve(w http.ResponseWriter, r *http.Request) bool {
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

func (b *bucketPolicies) of(bucket string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all[bucket]
}
