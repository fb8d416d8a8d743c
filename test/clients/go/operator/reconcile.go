package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// reconcile makes what a Site asks for, whatever happened before.
func (o *operator) reconcile(ctx context.Context, key string) error {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return err
	}
	found, err := o.siteLister.ByNamespace(namespace).Get(name)
	if apierrors.IsNotFound(err) {
		return nil
	} else if err != nil {
		return err
	}
	object := found.(*unstructured.Unstructured).DeepCopy()
	site, err := siteOf(object)
	if err != nil {
		return err
	}
	if site.DeletionTimestamp != nil {
		return o.farewell(ctx, site)
	}
	if !slices.Contains(site.Finalizers, finalizer) {
		return o.patchMetadata(ctx, site, map[string]any{"finalizers": append(site.Finalizers, finalizer)})
	}
	before, err := o.deployments.Deployments(namespace).Get(name)
	if apierrors.IsNotFound(err) {
		before = nil
	} else if err != nil {
		return err
	}
	after, err := o.apply(ctx, site)
	if err != nil {
		return err
	}
	if before == nil {
		o.legacyEvents.Eventf(object, corev1.EventTypeNormal, "Created", "Created deployment %s", name)
	} else if *before.Spec.Replicas != *after.Spec.Replicas {
		o.events.Eventf(object, after, corev1.EventTypeNormal, "Scaled", "Scale", "Scaled to %d", *after.Spec.Replicas)
	}
	return o.updateStatus(ctx, object, site, after)
}

// patchMetadata changes the object only as it was seen.
func (o *operator) patchMetadata(ctx context.Context, site *Site, metadata map[string]any) error {
	metadata["resourceVersion"] = site.ResourceVersion
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return err
	}
	_, err = o.custom.Resource(sites).Namespace(site.Namespace).Patch(ctx, site.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: fieldManager})
	return err
}

// apply owns the fields that it says, takes them from others, and leaves the rest alone.
func (o *operator) apply(ctx context.Context, site *Site) (*appsv1.Deployment, error) {
	options := metav1.ApplyOptions{FieldManager: fieldManager, Force: true}
	owner := metaapply.OwnerReference().WithAPIVersion(group + "/v1").WithKind("Site").WithName(site.Name).WithUID(site.UID).WithController(true).WithBlockOwnerDeletion(true)
	mine := map[string]string{"app.kubernetes.io/managed-by": fieldManager, "site": site.Name}
	pages, err := o.client.CoreV1().ConfigMaps(site.Namespace).Apply(ctx, coreapply.ConfigMap(site.Name, site.Namespace).WithLabels(mine).WithOwnerReferences(owner).WithData(site.Spec.Pages), options)
	if err != nil {
		return nil, err
	}
	sum := fnv.New32a()
	if err := json.NewEncoder(sum).Encode(pages.Data); err != nil {
		return nil, err
	}
	selector := map[string]string{"site": site.Name}
	template := coreapply.PodTemplateSpec().
		WithLabels(selector).
		WithAnnotations(map[string]string{group + "/pages": fmt.Sprintf("%08x", sum.Sum32())}).
		WithSpec(coreapply.PodSpec().
			WithContainers(coreapply.Container().WithName("web").WithImage(site.Spec.Image).
				WithPorts(coreapply.ContainerPort().WithContainerPort(80)).
				WithVolumeMounts(coreapply.VolumeMount().WithName("pages").WithMountPath("/pages"))).
			WithVolumes(coreapply.Volume().WithName("pages").WithConfigMap(coreapply.ConfigMapVolumeSource().WithName(site.Name))))
	deployment := appsapply.Deployment(site.Name, site.Namespace).WithLabels(mine).WithOwnerReferences(owner).
		WithSpec(appsapply.DeploymentSpec().WithReplicas(site.Spec.Replicas).WithSelector(metaapply.LabelSelector().WithMatchLabels(selector)).WithTemplate(template))
	return o.client.AppsV1().Deployments(site.Namespace).Apply(ctx, deployment, options)
}

// updateStatus writes what changed, and only on what was seen: a conflict is tried again with what the informer has then.
func (o *operator) updateStatus(ctx context.Context, object *unstructured.Unstructured, site *Site, deployment *appsv1.Deployment) error {
	status := site.Status
	status.Conditions = append([]metav1.Condition{}, site.Status.Conditions...)
	status.Replicas, status.ReadyReplicas, status.ObservedGeneration = deployment.Status.Replicas, deployment.Status.ReadyReplicas, site.Generation
	status.Selector = labels.SelectorFromSet(deployment.Spec.Selector.MatchLabels).String()
	ready := metav1.Condition{Type: "Ready", Status: metav1.ConditionFalse, Reason: "Progressing", Message: fmt.Sprintf("%d of %d are ready", status.ReadyReplicas, site.Spec.Replicas), ObservedGeneration: site.Generation}
	if deployment.Status.ObservedGeneration == deployment.Generation && deployment.Status.UpdatedReplicas == site.Spec.Replicas && status.ReadyReplicas == site.Spec.Replicas && status.Replicas == site.Spec.Replicas {
		ready.Status, ready.Reason = metav1.ConditionTrue, "AllReady"
	}
	meta.SetStatusCondition(&status.Conditions, ready)
	if equality.Semantic.DeepEqual(status, site.Status) {
		return nil
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&status)
	if err != nil {
		return err
	}
	object.Object["status"] = fields
	_, err = o.custom.Resource(sites).Namespace(site.Namespace).UpdateStatus(ctx, object, metav1.UpdateOptions{FieldManager: fieldManager})
	return err
}

// farewell does outside of the cluster what has to be done before a Site is gone; here it leaves a ConfigMap that nobody owns.
func (o *operator) farewell(ctx context.Context, site *Site) error {
	if !slices.Contains(site.Finalizers, finalizer) {
		return nil
	}
	note := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: site.Name + "-farewell"}, Data: map[string]string{"uid": string(site.UID)}}
	if _, err := o.client.CoreV1().ConfigMaps(site.Namespace).Create(ctx, note, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	rest := slices.DeleteFunc(slices.Clone(site.Finalizers), func(each string) bool { return each == finalizer })
	if err := o.patchMetadata(ctx, site, map[string]any{"finalizers": rest}); !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}
