package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/server/options/encryptionconfig"
	"k8s.io/apiserver/pkg/storage/value"
	"k8s.io/kms/pkg/service"
)

func init() {
	asks["kmsPlugin"] = kmsPlugin
	asks["encrypt"] = withTransformer(encrypt)
	asks["decrypt"] = withTransformer(decrypt)
}

type sealed struct {
	Config, Resource, Key string
	// In base64, as JSON has bytes.
	Value []byte
}

type opened struct {
	Value []byte `json:"value"`
	Stale bool   `json:"stale"`
}

func transformerOf(read sealed) (value.Transformer, context.CancelFunc, error) {
	file, err := os.CreateTemp("", "oracle")
	if err != nil {
		return nil, nil, err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(read.Config); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	loaded, err := encryptionconfig.LoadEncryptionConfig(ctx, file.Name(), false, "server")
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return encryptionconfig.StaticTransformers(loaded.Transformers).TransformerForResource(schema.ParseGroupResource(read.Resource)), cancel, nil
}

func withTransformer(ask func(value.Transformer, sealed) (any, error)) func(question) (any, error) {
	return func(asked question) (any, error) {
		read, err := input[sealed](asked)
		if err != nil {
			return nil, err
		}
		transformer, cancel, err := transformerOf(read)
		if err != nil {
			return nil, err
		}
		defer cancel()
		return ask(transformer, read)
	}
}

func encrypt(transformer value.Transformer, read sealed) (any, error) {
	// A KMS plugin is asked for its key in the background.
	for attempt := 0; ; attempt++ {
		written, err := transformer.TransformToStorage(context.Background(), read.Value, value.DefaultContext(read.Key))
		if err == nil || attempt == 50 {
			return written, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func decrypt(transformer value.Transformer, read sealed) (any, error) {
	plain, stale, err := transformer.TransformFromStorage(context.Background(), read.Value, value.DefaultContext(read.Key))
	return opened{plain, stale}, err
}

// A plugin whose encryption is base64.
type plainKms struct{}

func (plainKms) Status(context.Context) (*service.StatusResponse, error) {
	return &service.StatusResponse{Version: "v2", Healthz: "ok", KeyID: "key-1"}, nil
}

func (plainKms) Encrypt(_ context.Context, _ string, data []byte) (*service.EncryptResponse, error) {
	return &service.EncryptResponse{Ciphertext: []byte(base64.StdEncoding.EncodeToString(data)), KeyID: "key-1", Annotations: map[string][]byte{"local.example": []byte("x")}}, nil
}

func (plainKms) Decrypt(_ context.Context, _ string, asked *service.DecryptRequest) ([]byte, error) {
	if asked.KeyID != "key-1" || string(asked.Annotations["local.example"]) != "x" {
		return nil, fmt.Errorf("not of this plugin")
	}
	return base64.StdEncoding.DecodeString(string(asked.Ciphertext))
}

// Serves at the socket of the question until the program ends.
func kmsPlugin(asked question) (any, error) {
	go service.NewGRPCService(asked.Text, time.Second, plainKms{}).ListenAndServe()
	return true, nil
}
