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

// savedQueries stores the saved queries of CloudWatch Logs, which moto lacks.
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

// serve reports whether the request was about saved queries, and then has served it.
func (q *savedQueries) serve(w http.ResponseWriter, r *http.Request) bool {
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
	var response any
	switch action {
	case "PutQueryDefinition":
		if call.ID == "" {
			q.made++
			call.ID = fmt.Sprintf("00000000-0000-0000-0000-%012d", q.made)
		}
		q.saved[call.ID] = call
		response = map[string]string{"queryDefinitionId": call.ID}
	case "DescribeQueryDefinitions":
		response = map[string]any{"queryDefinitions": slices.Collect(maps.Values(q.saved))}
	case "DeleteQueryDefinition":
		delete(q.saved, call.ID)
		response = map[string]bool{"success": true}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(response)
	return true
}

func (q *savedQueries) names() (all []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, query := range q.saved {
		all = append(all, query.Name)
	}
	slices.Sort(all)
	return all
}
