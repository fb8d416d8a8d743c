// Program server is Kubernetes' own API server of custom resources, which is all of kube-apiserver that is generic, with ConfigMaps besides: a kind that is
// compiled in and stored as protobuf, so that it can be measured and asked beside Gantry. It takes the flags of apiextensions-apiserver.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	"k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	genericoptions "k8s.io/apiserver/pkg/server/options"
	"k8s.io/apiserver/pkg/server/storage"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/component-base/cli"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

func main() {
	flags := options.NewCustomResourceDefinitionsServerOptions(os.Stdout, os.Stderr)
	command := &cobra.Command{
		PersistentPreRunE: func(*cobra.Command, []string) error { return flags.ServerRunOptions.ComponentGlobalsRegistry.Set() },
		RunE: func(command *cobra.Command, _ []string) error {
			if err := flags.Complete(); err != nil {
				return err
			}
			if err := flags.Validate(); err != nil {
				return err
			}
			return run(command.Context(), flags)
		},
	}
	command.SetContext(genericapiserver.SetupSignalContext())
	flags.AddFlags(command.Flags())
	os.Exit(cli.Run(command))
}

func run(ctx context.Context, flags *options.CustomResourceDefinitionsServerOptions) error {
	config, err := flags.Config()
	if err != nil {
		return err
	}
	namer := openapinamer.NewDefinitionNamer(apiserver.Scheme, scheme.Scheme, configMapScheme)
	config.GenericConfig.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(definitions, namer)
	// What kube-apiserver's aggregator merges and tells.
	config.GenericConfig.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(definitions, namer)
	complete := config.Complete()
	complete.GenericConfig.EnableDiscovery = true
	server, err := complete.New(genericapiserver.NewEmptyDelegate())
	if err != nil {
		return err
	}
	group, err := configMaps(restOptions(flags, config.GenericConfig))
	if err != nil {
		return err
	}
	if err := server.GenericAPIServer.InstallLegacyAPIGroup("/api", group); err != nil {
		return err
	}
	return server.GenericAPIServer.PrepareRun().RunWithContext(ctx)
}

// restOptions are kube-apiserver's: protobuf, with a watch cache.
func restOptions(flags *options.CustomResourceDefinitionsServerOptions, config *genericapiserver.RecommendedConfig) *genericoptions.StorageFactoryRestOptionsFactory {
	etcd := *flags.RecommendedOptions.Etcd
	etcd.DefaultStorageMediaType = "application/vnd.kubernetes.protobuf"
	etcd.StorageConfig.StorageObjectCountTracker = config.StorageObjectCountTracker
	resources := storage.NewResourceConfig()
	resources.EnableVersions(coreVersion)
	factory := storage.NewDefaultStorageFactory(etcd.StorageConfig, etcd.DefaultStorageMediaType, configMapCodecs, storage.NewDefaultResourceEncodingConfig(configMapScheme), resources, nil)
	return &genericoptions.StorageFactoryRestOptionsFactory{Options: etcd, StorageFactory: factory}
}

func definitions(reference common.ReferenceCallback) map[string]common.OpenAPIDefinition {
	all := openapi.GetOpenAPIDefinitions(reference)
	text := spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"string"}}}
	bytes := spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"string"}, Format: "byte"}}
	mapOf := func(each spec.Schema) spec.Schema {
		return spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"object"}, AdditionalProperties: &spec.SchemaOrBool{Allows: true, Schema: &each}}}
	}
	refer := func(name string) spec.Schema {
		return spec.Schema{SchemaProps: spec.SchemaProps{Default: map[string]interface{}{}, Ref: reference(name)}}
	}
	truth := spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"boolean"}}}
	object := func(properties map[string]spec.Schema, dependencies ...string) common.OpenAPIDefinition {
		return common.OpenAPIDefinition{Schema: spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"object"}, Properties: properties}}, Dependencies: dependencies}
	}
	const one, meta, listMeta = "io.k8s.api.core.v1.ConfigMap", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta"
	all[one] = object(map[string]spec.Schema{"apiVersion": text, "kind": text, "metadata": refer(meta), "immutable": truth, "data": mapOf(text), "binaryData": mapOf(bytes)}, meta)
	item := refer(one)
	items := spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{"array"}, Items: &spec.SchemaOrArray{Schema: &item}}}
	all["io.k8s.api.core.v1.ConfigMapList"] = object(map[string]spec.Schema{"apiVersion": text, "kind": text, "metadata": refer(listMeta), "items": items}, one, listMeta)
	return all
}
