package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metainternal "k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/storage/names"
)

var (
	coreVersion = schema.GroupVersion{Version: "v1"}
	resource    = schema.GroupResource{Resource: "configmaps"}
	// The published type is its own internal one: a ConfigMap has no other form.
	configMapScheme = runtime.NewScheme()
	configMapCodecs = serializer.NewCodecFactory(configMapScheme)
)

func init() {
	internal := schema.GroupVersion{Version: runtime.APIVersionInternal}
	configMapScheme.AddKnownTypes(internal, &corev1.ConfigMap{}, &corev1.ConfigMapList{})
	configMapScheme.AddKnownTypes(coreVersion, &corev1.ConfigMap{}, &corev1.ConfigMapList{})
	metav1.AddToGroupVersion(configMapScheme, coreVersion)
	if err := metainternal.AddToScheme(configMapScheme); err != nil {
		panic(err)
	}
	if err := configMapScheme.SetVersionPriority(coreVersion); err != nil {
		panic(err)
	}
}

type strategy struct {
	runtime.ObjectTyper
	names.NameGenerator
}

func (strategy) NamespaceScoped() bool                                            { return true }
func (strategy) PrepareForCreate(context.Context, runtime.Object)                 {}
func (strategy) PrepareForUpdate(_ context.Context, _, _ runtime.Object)          {}
func (strategy) WarningsOnCreate(context.Context, runtime.Object) []string        { return nil }
func (strategy) WarningsOnUpdate(_ context.Context, _, _ runtime.Object) []string { return nil }
func (strategy) Canonicalize(runtime.Object)                                      {}
func (strategy) AllowCreateOnUpdate() bool                                        { return false }
func (strategy) AllowUnconditionalUpdate() bool                                   { return true }
func (strategy) ValidateUpdate(_ context.Context, now, before runtime.Object) field.ErrorList {
	return validation.ValidateObjectMetaUpdate(&now.(*corev1.ConfigMap).ObjectMeta, &before.(*corev1.ConfigMap).ObjectMeta, field.NewPath("metadata"))
}
func (strategy) Validate(_ context.Context, object runtime.Object) field.ErrorList {
	return validation.ValidateObjectMeta(&object.(*corev1.ConfigMap).ObjectMeta, true, validation.NameIsDNSSubdomain, field.NewPath("metadata"))
}

func configMaps(options generic.RESTOptionsGetter) (*genericapiserver.APIGroupInfo, error) {
	own := strategy{configMapScheme, names.SimpleNameGenerator}
	store := &genericregistry.Store{
		NewFunc:                   func() runtime.Object { return &corev1.ConfigMap{} },
		NewListFunc:               func() runtime.Object { return &corev1.ConfigMapList{} },
		DefaultQualifiedResource:  resource,
		SingularQualifiedResource: schema.GroupResource{Resource: "configmap"},
		CreateStrategy:            own,
		UpdateStrategy:            own,
		DeleteStrategy:            own,
		TableConvertor:            rest.NewDefaultTableConvertor(resource),
	}
	if err := store.CompleteWithOptions(&generic.StoreOptions{RESTOptions: options}); err != nil {
		return nil, err
	}
	return &genericapiserver.APIGroupInfo{
		PrioritizedVersions:          []schema.GroupVersion{coreVersion},
		VersionedResourcesStorageMap: map[string]map[string]rest.Storage{"v1": {"configmaps": store}},
		OptionsExternalVersion:       &coreVersion,
		Scheme:                       configMapScheme,
		ParameterCodec:               runtime.NewParameterCodec(configMapScheme),
		NegotiatedSerializer:         configMapCodecs,
	}, nil
}
