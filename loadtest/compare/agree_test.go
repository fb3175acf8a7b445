package main

import (
	"strings"
	"testing"
)

const ada = `{"user":{"id":"ada","name":"Ada","username":"a","email":"e"},
	"posts":[{"id":"1","title":"t","body":"b"}],"friends":[{"id":"g","name":"Grace"}]}`

func TestAgree(t *testing.T) {
	for _, test := range []struct {
		name, other, want string
	}{
		{"the same", ada, ""},
		{"other order, and more besides", `{"friends":[{"name":"Grace","id":"g"}],"more":1,
			"posts":[{"id":"1","title":"t","body":"b","language":"en"}],
			"user":{"id":"ada","name":"Ada","username":"a","email":"e"}}`, ""},
		{"another name", strings.Replace(ada, "Grace", "Alan", 1), "different profiles"},
		{"a post less", strings.Replace(ada, `{"id":"1","title":"t","body":"b"}`, "", 1), "different profiles"},
		{"no posts", strings.Replace(ada, `"posts"`, `"pasts"`, 1), "no complete profile: posts: is <nil>"},
		{"a post without a body", strings.Replace(ada, `,"body":"b"`, "", 1), "no complete profile: posts: has no body"},
		{"no JSON", "Bad Gateway", "no complete profile"},
	} {
		err := agree(map[string][]byte{"one": []byte(ada), "other": []byte(test.other)})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}
