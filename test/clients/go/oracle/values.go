package main

import (
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
)

func quantity(asked question) (any, error) {
	parsed, err := resource.ParseQuantity(asked.Text)
	if err != nil {
		return nil, err
	}
	return parsed.String(), nil
}

func labelSelector(asked question) (any, error) {
	parsed, err := labels.Parse(asked.Text)
	if err != nil {
		return nil, err
	}
	return parsed.String(), nil
}

func fieldSelector(asked question) (any, error) {
	parsed, err := fields.ParseSelector(asked.Text)
	if err != nil {
		return nil, err
	}
	requirements := [][]string{}
	for _, each := range parsed.Requirements() {
		requirements = append(requirements, []string{each.Field, string(each.Operator), each.Value})
	}
	return requirements, nil
}
