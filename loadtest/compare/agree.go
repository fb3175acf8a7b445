package main

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// contract has the members of a profile, each with its fields.
var contract = map[string][]string{
	"user":    {"id", "name", "username", "email"},
	"posts":   {"id", "title", "body"},
	"friends": {"id", "name"},
}

// profileOf is a complete profile as in the contract, without other fields of the response.
func profileOf(body []byte) (map[string]any, error) {
	var answer map[string]any
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	profile := map[string]any{}
	for member, fields := range contract {
		value, err := projected(answer[member], fields)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", member, err)
		}
		profile[member] = value
	}
	return profile, nil
}

// projected keeps only the given fields of an object, or of each object of an array.
func projected(value any, fields []string) (any, error) {
	switch value := value.(type) {
	case []any:
		all := []any{}
		for _, one := range value {
			left, err := projected(one, fields)
			if err != nil {
				return nil, err
			}
			all = append(all, left)
		}
		return all, nil
	case map[string]any:
		left := map[string]any{}
		for _, field := range fields {
			if value[field] == nil {
				return nil, fmt.Errorf("has no %s", field)
			}
			left[field] = value[field]
		}
		return left, nil
	default:
		return nil, fmt.Errorf("is %T", value)
	}
}

// agree fails unless all responses, by the names of their sides, are the same profile.
func agree(answers map[string][]byte) error {
	var first map[string]any
	var whose string
	for name, body := range answers {
		profile, err := profileOf(body)
		if err != nil {
			return fmt.Errorf("the answer of %s is no complete profile: %w", name, err)
		}
		if first == nil {
			first, whose = profile, name
		} else if !reflect.DeepEqual(first, profile) {
			return fmt.Errorf("%s and %s give different profiles: %v and %v", whose, name, first, profile)
		}
	}
	return nil
}
