package main

import (
	"bytes"
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kubejson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/managedfields/managedfieldstest"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
)

type step struct {
	// `apply` or `update`.
	Op      string          `json:"op"`
	Manager string          `json:"manager"`
	Force   bool            `json:"force"`
	Object  json.RawMessage `json:"object"`
}

type stepped struct {
	Object        runtime.Object              `json:"object,omitempty"`
	ManagedFields []metav1.ManagedFieldsEntry `json:"managedFields,omitempty"`
	Error         string                      `json:"error,omitempty"`
}

var converter = applyconfigurations.NewTypeConverter(scheme.Scheme)

// What becomes of an object, and who owns what of it, after each step; a step that fails changes nothing.
func manage(asked question) (any, error) {
	manager := managedfieldstest.NewFakeFieldManager(converter, kindOf(asked))
	live := &unstructured.Unstructured{Object: map[string]interface{}{"apiVersion": asked.APIVersion, "kind": asked.Kind}}
	results := []stepped{}
	for _, each := range asked.Steps {
		object := &unstructured.Unstructured{}
		if err := kubejson.Unmarshal(each.Object, &object.Object); err != nil {
			return nil, err
		}
		var after runtime.Object
		var err error
		if each.Op == "apply" {
			after, err = manager.Apply(live, object, each.Manager, each.Force)
		} else {
			if object, err = stored(object); err != nil {
				return nil, err
			}
			after, err = manager.Update(live, object, each.Manager)
		}
		result := stepped{}
		if err != nil {
			result.Error = err.Error()
		} else if live, err = stored(after); err != nil {
			return nil, err
		}
		result.ManagedFields = live.GetManagedFields()
		result.Object = live.DeepCopy()
		results = append(results, result)
	}
	return results, nil
}

// An object as it is between two requests: all that Kubernetes prints is there, though nobody has set it.
func stored(object runtime.Object) (*unstructured.Unstructured, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	typed, _, err := strict.Decode(text, nil, nil)
	if err != nil && !runtime.IsStrictDecodingError(err) {
		return nil, err
	}
	var printed bytes.Buffer
	if err := strict.Encode(typed, &printed); err != nil {
		return nil, err
	}
	result := &unstructured.Unstructured{}
	if err := kubejson.Unmarshal(printed.Bytes(), &result.Object); err != nil {
		return nil, err
	}
	return result, nil
}
