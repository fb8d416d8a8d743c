// Answers questions about what Kubernetes' own libraries do: one line of JSON each on standard input, and one on standard output.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/klog/v2"
)

type question struct {
	Ask        string          `json:"ask"`
	Text       string          `json:"text"`
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Seed       int64           `json:"seed"`
	Original   json.RawMessage `json:"original"`
	Patch      json.RawMessage `json:"patch"`
	Steps      []step          `json:"steps"`
	Schema     json.RawMessage `json:"schema"`
	Variables  []variable      `json:"variables"`
	CelBind    bool            `json:"celBind"`
	Limit      int64           `json:"limit"`
	// What a question of its own form asks.
	Input json.RawMessage `json:"input"`
}

// One of the two is set.
type answer struct {
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

var asks = map[string]func(question) (any, error){
	"quantity":       quantity,
	"labelSelector":  labelSelector,
	"fieldSelector":  fieldSelector,
	"sample":         sample,
	"read":           read,
	"strategic":      strategic,
	"mergePatch":     mergePatch,
	"manage":         manage,
	"celEnvironment": celEnvironment,
	"cel":            celExpression,
}

func main() {
	// What the libraries log is also in their answers.
	klog.SetLogger(klog.Logger{})
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		if err := out.Encode(answered(line)); err != nil {
			return
		}
	}
}

func answered(line []byte) (result answer) {
	defer func() {
		if fault := recover(); fault != nil {
			result = answer{Error: fmt.Sprintf("panic: %v", fault)}
		}
	}()
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	value, err := asks[asked.Ask](asked)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Value: value}
}
