package contract_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/cognito-authorizer/cognito-authorizer/shared/contract"
)

const parametersHead = `openapi: 3.1.0
info: {title: t, version: "1"}
security: [pool: []]
components:
  securitySchemes: {pool: {type: openIdConnect, openIdConnectUrl: "https://example.com"}}
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}, description: how many}
  schemas:
    ID: {type: string, format: uuid}
paths:
`

func TestContractJSONDescribesParameters(t *testing.T) {
	result, err := contract.Read(write(t, "openapi.yaml", parametersHead+`
  /a/{id}:
    parameters:
      - {name: id, in: path, schema: {type: string}}
      - {name: X-Trace, in: header, required: true, schema: {type: [string, "null"]}}
      - $ref: "other.yaml#/Elsewhere"
    get:
      operationId: getA
      summary: One a
      parameters:
        - {name: id, in: path, required: true, schema: {$ref: "#/components/schemas/ID"}}
        - $ref: "#/components/parameters/Limit"
        - {name: c, in: cookie, schema: {type: string}}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Paths map[string]map[string]struct {
			OperationID string
			Summary     string
			Parameters  json.RawMessage
		}
	}
	if err := json.Unmarshal(result.Contract, &got); err != nil {
		t.Fatal(err)
	}
	operation := got.Paths["/a/{id}"]["get"]
	if operation.OperationID != "getA" || operation.Summary != "One a" {
		t.Errorf("%+v", operation)
	}
	var compact, want any
	if err := json.Unmarshal(operation.Parameters, &compact); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`[
		{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}},
		{"name": "X-Trace", "in": "header", "required": true, "schema": {"type": "string"}},
		{"name": "limit", "in": "query", "required": false, "description": "how many", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
	]`), &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(compact) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", compact, want)
	}
}

// The planner lets a Deny match a literal if the schema excludes it, so a value that a validator accepts must never be excluded.
func TestExcludes(t *testing.T) {
	for _, tt := range []struct {
		schema   string
		excluded []string
		possible []string
	}{
		{"{}", nil, []string{"admin"}},
		{"{type: string}", nil, []string{"admin"}},
		{"{type: integer}", []string{"admin", "", "1a"}, []string{"1", "-1", "+1", "1.0", "1e3"}},
		{"{type: number}", []string{"admin", "e"}, []string{"1", "1.", ".5", "-1.5E-3"}},
		{"{type: boolean}", []string{"admin", "yes"}, []string{"true", "False", "1"}},
		{"{type: [integer, string]}", nil, []string{"admin", "1"}},
		{"{type: [integer, \"null\"]}", []string{"admin"}, []string{"1"}},
		{"{type: array}", nil, []string{"admin"}},
		{"{format: uuid}", []string{"admin"}, []string{"01234567-89ab-CDEF-0123-456789abcdef", "0123456789abcdef0123456789abcdef"}},
		{"{format: date}", []string{"admin"}, []string{"2026-11-29"}},
		{"{format: email}", nil, []string{"admin"}},
		{"{pattern: \"^u-\"}", []string{"admin"}, []string{"u-1"}},
		{"{pattern: \"(?=x)\"}", nil, []string{"admin"}}, // a pattern that only ECMA-262 knows
		{"{enum: [a, 1]}", []string{"admin", "b"}, []string{"a", "1"}},
		{"{enum: [a, null]}", nil, []string{"admin"}},
		{"{minLength: 6}", []string{"admin"}, []string{"admins"}},
		{"{maxLength: 4}", []string{"admin"}, []string{"bert"}},
		{"{maxLength: 4.5}", nil, []string{"admin"}},
		{"{minLength: -1}", nil, []string{"a"}},
	} {
		result, err := contract.Read(write(t, "openapi.yaml", parametersHead+"  /a/{id}: {get: {parameters: [{name: id, in: path, required: true, schema: "+tt.schema+"}]}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		values := result.Table.Routes()[0].Values["id"]
		excludes := func(s string) bool { return values != nil && values.Excludes(s) }
		for _, s := range tt.excluded {
			if !excludes(s) {
				t.Errorf("%s: %q is not excluded", tt.schema, s)
			}
		}
		for _, s := range tt.possible {
			if excludes(s) {
				t.Errorf("%s: %q is excluded", tt.schema, s)
			}
		}
	}
}
