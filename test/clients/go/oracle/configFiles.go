package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/admission"
	api "k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/apis/apiserver/load"
	"k8s.io/apiserver/pkg/apis/apiserver/validation"
	"k8s.io/apiserver/pkg/audit/policy"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	authorizationcel "k8s.io/apiserver/pkg/authorization/cel"
	"k8s.io/apiserver/pkg/server/egressselector"
	"k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/server/options/encryptionconfig"
	tracing "k8s.io/component-base/tracing/api/v1"
)

var configScheme = runtime.NewScheme()
var configCodecs = serializer.NewCodecFactory(configScheme, serializer.EnableStrict)
var claimCompiler = authenticationcel.NewDefaultCompiler()
var conditionCompiler = authorizationcel.NewDefaultCompiler()

var configReaders = map[string]func(path string, data []byte) (any, error){
	"AuthenticationConfiguration": func(_ string, data []byte) (any, error) {
		decoded, err := runtime.Decode(configCodecs.UniversalDecoder(), data)
		if err != nil {
			return nil, err
		}
		configuration, ok := decoded.(*api.AuthenticationConfiguration)
		if !ok {
			return nil, fmt.Errorf("expected AuthenticationConfiguration, got %T", decoded)
		}
		return configuration, validation.ValidateAuthenticationConfiguration(claimCompiler, configuration, []string{"https://own.example"}).ToAggregate()
	},
	"AuthorizationConfiguration": func(_ string, data []byte) (any, error) {
		configuration, err := load.LoadFromData(data)
		if err != nil {
			return nil, err
		}
		known := sets.New("ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook")
		return configuration, validation.ValidateAuthorizationConfiguration(conditionCompiler, nil, configuration, known, sets.New("Webhook")).ToAggregate()
	},
	"EncryptionConfiguration": func(path string, _ []byte) (any, error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		_, err := encryptionconfig.LoadEncryptionConfig(ctx, path, false, "server")
		return true, err
	},
	"EgressSelectorConfiguration": func(path string, _ []byte) (any, error) {
		configuration, err := egressselector.ReadEgressSelectorConfiguration(path)
		if err != nil {
			return nil, err
		}
		return configuration, egressselector.ValidateEgressSelectorConfiguration(configuration).ToAggregate()
	},
	"Policy": func(_ string, data []byte) (any, error) { return policy.LoadPolicyFromBytes(data) },
	"AdmissionConfiguration": func(path string, _ []byte) (any, error) {
		_, err := admission.ReadAdmissionConfiguration([]string{"ResourceQuota", "PodSecurity"}, path, configScheme)
		return true, err
	},
	"TracingConfiguration": func(path string, _ []byte) (any, error) {
		configuration, err := options.ReadTracingConfiguration(path)
		if err != nil {
			return nil, err
		}
		return configuration, tracing.ValidateTracingConfiguration(configuration, nil, nil).ToAggregate()
	},
}

func init() {
	install.Install(configScheme)
	asks["configFile"] = configFile
}

// Reads a configuration as kube-apiserver does, from a file whose path is left out of what is said.
func configFile(asked question) (any, error) {
	folder, err := os.MkdirTemp("", "oracle")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "file")
	if err := os.WriteFile(path, []byte(asked.Text), 0o600); err != nil {
		return nil, err
	}
	value, err := configReaders[asked.Kind](path, []byte(asked.Text))
	if err != nil {
		return nil, fmt.Errorf("%s", strings.ReplaceAll(err.Error(), folder, ""))
	}
	return value, nil
}

func input[T any](asked question) (T, error) {
	var read T
	return read, json.Unmarshal(asked.Input, &read)
}
