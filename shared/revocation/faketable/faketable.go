// Package faketable is an in-memory DynamoDB table for tests and the local stack. It speaks the two operations that package
// revocation uses, BatchGetItem and UpdateItem with its one form of expression, and refuses everything else by name. It
// checks no signatures, only that a call has one, and never removes an item by its TTL.
package faketable

import (
	"context"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say how to run the table.
type Options struct {
	Table  string // name; required
	Listen string // address; if empty, 127.0.0.1 and a port that the system chooses
}

// Server is a running table. Close it by [Server.Close].
type Server struct {
	table  string
	url    string
	server *http.Server

	mu    sync.Mutex // guards the rest
	items map[string]map[string]int64
	reads int
	deny  bool
}

// Start starts an empty table.
func Start(o Options) (*Server, error) {
	if o.Table == "" {
		return nil, errors.New("faketable: the table needs a name")
	}
	listen := o.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", listen)
	if err != nil {
		return nil, err
	}
	s := &Server{table: o.Table, url: "http://" + listener.Addr().String(), items: make(map[string]map[string]int64)}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// URL returns the endpoint, for AWS_ENDPOINT_URL_DYNAMODB.
func (s *Server) URL() string { return s.url }

// Close stops the server.
func (s *Server) Close() error { return s.server.Close() }

// Items returns a copy of the table: by id, the numbers that each item holds.
func (s *Server) Items() map[string]map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]map[string]int64, len(s.items))
	for id, item := range s.items {
		all[id] = maps.Clone(item)
	}
	return all
}

// Deny makes the table refuse every call, as it does for a role without permissions, or stop doing so.
func (s *Server) Deny(deny bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deny = deny
}

func (s *Server) denies() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deny
}

// Clear removes all items.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.items)
}

// Reads returns how many BatchGetItem calls were answered.
func (s *Server) Reads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

const maxRequest = 1 << 20 // bytes

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	// A page of another site that reaches this address by a name of its own (DNS rebinding) sends its own host.
	if host := "http://" + r.Host; host != s.url {
		refuse(w, "AccessDeniedException", "the Host header is not this server's")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, "SerializationException", "the request is too large")
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=") {
		refuse(w, "MissingAuthenticationTokenException", "the request is not signed")
		return
	}
	if s.denies() {
		refuse(w, "AccessDeniedException", "the test denies it")
		return
	}
	operation, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")
	var response any
	switch operation {
	case "BatchGetItem":
		response, err = s.batchGetItem(body)
	case "UpdateItem":
		response, err = s.updateItem(body)
	default:
		err = &apiError{"UnknownOperationException", fmt.Sprintf("this fake has no operation %q", operation)}
	}
	var refusal *apiError
	switch {
	case errors.As(err, &refusal):
		refuse(w, refusal.kind, refusal.message)
	case err != nil:
		refuse(w, "SerializationException", "the request has a member that this fake does not know, or is not JSON")
	default:
		_ = json.MarshalWrite(w, response)
	}
}

type apiError struct{ kind, message string }

func (e *apiError) Error() string { return e.kind + ": " + e.message }

func refuse(w http.ResponseWriter, kind, message string) {
	w.WriteHeader(http.StatusBadRequest)
	_ = json.MarshalWrite(w, map[string]string{"__type": "com.amazonaws.dynamodb.v20120810#" + kind, "message": message})
}

func invalid(message string) error { return &apiError{"ValidationException", message} }

// The protocol's form of a string, a number and a primary key.
type (
	text   struct{ S string }
	number struct{ N string }
	key    struct {
		ID text `json:"id"`
	}
)

func decode(body []byte, into any) error {
	return json.Unmarshal(body, into, json.RejectUnknownMembers(true), jsontext.AllowDuplicateNames(false))
}

func (s *Server) batchGetItem(body []byte) (any, error) {
	var in struct {
		RequestItems map[string]struct {
			Keys           []key
			ConsistentRead bool
		}
	}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	request, found := in.RequestItems[s.table]
	switch {
	case !found || len(in.RequestItems) != 1:
		return nil, &apiError{"ResourceNotFoundException", "Requested resource not found"}
	case len(request.Keys) == 0 || len(request.Keys) > 100:
		return nil, invalid("between 1 and 100 keys are expected")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := make(map[string]bool)
	items := []any{}
	for _, k := range request.Keys {
		if k.ID.S == "" || seen[k.ID.S] {
			return nil, invalid("Provided list of item keys contains duplicates, or an empty key")
		}
		seen[k.ID.S] = true
		item, found := s.items[k.ID.S]
		if !found {
			continue
		}
		all := map[string]any{"id": k.ID}
		for name, value := range item {
			all[name] = number{strconv.FormatInt(value, 10)}
		}
		items = append(items, all)
	}
	s.reads++
	return map[string]any{"Responses": map[string]any{s.table: items}, "UnprocessedKeys": map[string]any{}}, nil
}

func (s *Server) updateItem(body []byte) (any, error) {
	var in struct {
		TableName                             string
		Key                                   key
		UpdateExpression, ConditionExpression string
		ExpressionAttributeNames              map[string]string
		ExpressionAttributeValues             map[string]number
	}
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	attribute := in.ExpressionAttributeNames["#a"]
	value, err := strconv.ParseInt(in.ExpressionAttributeValues[":v"].N, 10, 64)
	switch {
	case in.TableName != s.table:
		return nil, &apiError{"ResourceNotFoundException", "Requested resource not found"}
	case in.UpdateExpression != "SET #a = :v" || in.ConditionExpression != "attribute_not_exists(#a) OR #a < :v":
		return nil, invalid("this fake does not know the expression")
	case len(in.ExpressionAttributeNames) != 1 || len(in.ExpressionAttributeValues) != 1 || attribute == "" || attribute == "id" || err != nil:
		return nil, invalid("one attribute that is not the key, and one number, are expected")
	case in.Key.ID.S == "" || len(in.Key.ID.S) > 2048:
		return nil, invalid("the key has between 1 and 2048 bytes")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if had, exists := s.items[in.Key.ID.S][attribute]; exists && had >= value {
		return nil, &apiError{"ConditionalCheckFailedException", "The conditional request failed"}
	}
	if s.items[in.Key.ID.S] == nil {
		s.items[in.Key.ID.S] = make(map[string]int64)
	}
	s.items[in.Key.ID.S][attribute] = value
	return map[string]any{}, nil
}
