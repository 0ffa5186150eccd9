package applytest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// savedQueries keeps the saved queries of CloudWatch Logs, which moto does not have.
type savedQueries struct {
	mu    sync.Mutex
	made  int
	saved map[string]savedQuery // by id
}

type savedQuery struct {
	ID        string   `json:"queryDefinitionId"`
	Name      string   `json:"name"`
	Text      string   `json:"queryString"`
	LogGroups []string `json:"logGroupNames"`
}

// answer answers a request about saved queries. It reports whether it did.
func (q *savedQueries) answer(w http.ResponseWriter, r *http.Request) bool {
	action, found := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "Logs_20140328.")
	if !found || !strings.Contains(action, "QueryDefinition") {
		return false
	}
	var call savedQuery
	content, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(content, &call)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var answer any
	switch action {
	case "PutQueryDefinition":
		if call.ID == "" {
			q.made++
			call.ID = fmt.Sprintf("00000000-0000-0000-0000-%012d", q.made)
		}
		q.saved[call.ID] = call
		answer = map[string]string{"queryDefinitionId": call.ID}
	case "DescribeQueryDefinitions":
		answer = map[string]any{"queryDefinitions": slices.Collect(maps.Values(q.saved))}
	case "DeleteQueryDefinition":
		delete(q.saved, call.ID)
		answer = map[string]bool{"success": true}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(answer)
	return true
}

// names lists the saved queries.
func (q *savedQueries) names() (all []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, query := range q.saved {
		all = append(all, query.Name)
	}
	slices.Sort(all)
	return all
}
