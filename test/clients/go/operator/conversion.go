package main

import (
	"encoding/base64"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// conversionReview is apiextensions.k8s.io/v1's, whose types are in a package of their own.
type conversionReview struct {
	metav1.TypeMeta `json:",inline"`
	Request         *conversionRequest  `json:"request,omitempty"`
	Response        *conversionResponse `json:"response,omitempty"`
}

type conversionRequest struct {
	UID               types.UID                    `json:"uid"`
	DesiredAPIVersion string                       `json:"desiredAPIVersion"`
	Objects           []*unstructured.Unstructured `json:"objects"`
}

type conversionResponse struct {
	UID              types.UID                    `json:"uid"`
	ConvertedObjects []*unstructured.Unstructured `json:"convertedObjects"`
	Result           metav1.Status                `json:"result"`
}

func bundle64(bundle []byte) string { return base64.StdEncoding.EncodeToString(bundle) }

func converted(request *conversionRequest) *conversionResponse {
	response := &conversionResponse{UID: request.UID, ConvertedObjects: []*unstructured.Unstructured{}, Result: metav1.Status{Status: metav1.StatusSuccess}}
	for _, object := range request.Objects {
		if err := convert(object, request.DesiredAPIVersion); err != nil {
			response.Result = metav1.Status{Status: metav1.StatusFailure, Message: err.Error()}
			return response
		}
		response.ConvertedObjects = append(response.ConvertedObjects, object)
	}
	return response
}

// convert: v1alpha1 had one text in place of the pages, and called replicas size.
func convert(object *unstructured.Unstructured, to string) error {
	spec, _, err := unstructured.NestedMap(object.Object, "spec")
	if err != nil || object.GetAPIVersion() == to {
		return err
	}
	switch to {
	case group + "/v1":
		move(spec, "size", "replicas")
		if text, found := spec["text"]; found {
			delete(spec, "text")
			spec["pages"] = map[string]any{"index": text}
		}
	case group + "/v1alpha1":
		move(spec, "replicas", "size")
		pages, _ := spec["pages"].(map[string]any)
		delete(spec, "pages")
		if text, found := pages["index"]; found {
			spec["text"] = text
		}
	default:
		return fmt.Errorf("there is no %s", to)
	}
	object.SetAPIVersion(to)
	object.Object["spec"] = spec
	return nil
}

func move(fields map[string]any, from, to string) {
	if value, found := fields[from]; found {
		delete(fields, from)
		fields[to] = value
	}
}
