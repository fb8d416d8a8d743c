package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	group     = "web.gantry.test"
	finalizer = group + "/farewell"
	// keepAnnotation forbids the deletion of a Site.
	keepAnnotation = group + "/keep"
)

var sites = schema.GroupVersionResource{Group: group, Version: "v1", Resource: "sites"}

// Site is a custom resource in its version v1.
type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              SiteSpec   `json:"spec"`
	Status            SiteStatus `json:"status"`
}

type SiteSpec struct {
	Zone        string            `json:"zone"`
	Replicas    int32             `json:"replicas"`
	MaxReplicas int32             `json:"maxReplicas"`
	Image       string            `json:"image"`
	Pages       map[string]string `json:"pages"`
}

type SiteStatus struct {
	Replicas           int32              `json:"replicas"`
	ReadyReplicas      int32              `json:"readyReplicas"`
	Selector           string             `json:"selector,omitempty"`
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

func siteOf(object *unstructured.Unstructured) (*Site, error) {
	site := &Site{}
	return site, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, site)
}
