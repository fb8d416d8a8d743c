package main

import (
	"encoding/json"

	jsonpatch "github.com/evanphx/json-patch"
	kubejson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
)

func strategic(asked question) (any, error) {
	object, err := scheme.Scheme.New(kindOf(asked))
	if err != nil {
		return nil, err
	}
	meta, err := strategicpatch.NewPatchMetaFromStruct(object)
	if err != nil {
		return nil, err
	}
	original, patch := map[string]interface{}{}, map[string]interface{}{}
	if err := kubejson.Unmarshal(asked.Original, &original); err != nil {
		return nil, err
	}
	if err := kubejson.Unmarshal(asked.Patch, &patch); err != nil {
		return nil, err
	}
	return strategicpatch.StrategicMergeMapPatchUsingLookupPatchMeta(original, patch, meta)
}

func mergePatch(asked question) (any, error) {
	text, err := jsonpatch.MergePatch(asked.Original, asked.Patch)
	return json.RawMessage(text), err
}
