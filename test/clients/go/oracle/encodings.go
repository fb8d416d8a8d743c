package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand"

	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	kubejson "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/randfill"
)

var strict = kubejson.NewSerializerWithOptions(kubejson.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, kubejson.SerializerOptions{Strict: true})
var binary = protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)

func kindOf(asked question) schema.GroupVersionKind {
	return schema.FromAPIVersionAndKind(asked.APIVersion, asked.Kind)
}

// An object of the kind, filled by chance, in both encodings.
func sample(asked question) (any, error) {
	object, err := scheme.Scheme.New(kindOf(asked))
	if err != nil {
		return nil, err
	}
	codecs := serializer.NewCodecFactory(scheme.Scheme)
	fuzzer.FuzzerFor(fuzzer.MergeFuzzerFuncs(metafuzzer.Funcs, plainFuncs), rand.NewSource(asked.Seed), codecs).Fill(object)
	object.GetObjectKind().SetGroupVersionKind(kindOf(asked))
	// What JSON cannot hold (times finer than a second, say) is no object of the API.
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	back, _, err := strict.Decode(text, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("own text: %w: %s", err, text)
	}
	return bothForms(back)
}

func bothForms(object runtime.Object) (any, error) {
	var text, bytesOf bytes.Buffer
	if err := strict.Encode(object, &text); err != nil {
		return nil, err
	}
	if err := binary.Encode(object, &bytesOf); err != nil {
		return nil, err
	}
	return map[string]any{"json": json.RawMessage(bytes.TrimSpace(text.Bytes())), "protobuf": bytesOf.Bytes()}, nil
}

// What an object in protobuf, as base64, says in JSON.
func read(asked question) (any, error) {
	message, err := base64.StdEncoding.DecodeString(asked.Text)
	if err != nil {
		return nil, err
	}
	object, _, err := binary.Decode(message, nil, nil)
	if err != nil {
		return nil, err
	}
	return bothForms(object)
}

// Numbers that a JavaScript program can hold, and raw values that are values.
func plainFuncs(_ serializer.CodecFactory) []interface{} {
	return []interface{}{
		func(value *metav1.FieldsV1, c randfill.Continue) { value.Raw = []byte(`{"f:a":{}}`) },
		func(value *runtime.RawExtension, c randfill.Continue) { value.Raw = []byte(`{"apiVersion":"example.com/v1","kind":"Free","a":1}`) },
		func(value *int64, c randfill.Continue) { *value = c.Int63n(1<<53) - 1<<52 },
		func(value *runtime.Object, c randfill.Continue) { *value = nil },
	}
}
