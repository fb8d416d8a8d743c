package main

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	appslisters "k8s.io/client-go/listers/apps/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
)

const workers = 2

// operator reconciles Sites by their keys.
type operator struct {
	client  kubernetes.Interface
	custom  dynamic.Interface
	metrics *metrics
	queue   workqueue.TypedRateLimitingInterface[string]

	siteInformers  dynamicinformer.DynamicSharedInformerFactory
	ownedInformers informers.SharedInformerFactory
	siteLister     cache.GenericLister
	deployments    appslisters.DeploymentLister
	synced         []cache.InformerSynced

	// The events of the core group are counted in one object, those of events.k8s.io become series.
	legacyEvents record.EventRecorder
	events       events.EventRecorder
}

func newOperator(client kubernetes.Interface, custom dynamic.Interface, counts *metrics) *operator {
	mine := informers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.LabelSelector = "app.kubernetes.io/managed-by=" + fieldManager
	})
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[string](20*time.Millisecond, 2*time.Second)
	o := &operator{
		client: client, custom: custom, metrics: counts,
		queue:          workqueue.NewTypedRateLimitingQueue(limiter),
		siteInformers:  dynamicinformer.NewDynamicSharedInformerFactory(custom, 0),
		ownedInformers: informers.NewSharedInformerFactoryWithOptions(client, 0, mine),
	}
	siteInformer := o.siteInformers.ForResource(sites)
	o.siteLister = siteInformer.Lister()
	o.deployments = o.ownedInformers.Apps().V1().Deployments().Lister()
	o.follow(siteInformer.Informer(), func(object metav1.Object) string { return object.GetNamespace() + "/" + object.GetName() })
	o.follow(o.ownedInformers.Apps().V1().Deployments().Informer(), ownerKey)
	o.follow(o.ownedInformers.Core().V1().ConfigMaps().Informer(), ownerKey)
	return o
}

// ownerKey is the key of the Site that controls an object, or empty.
func ownerKey(object metav1.Object) string {
	if owner := metav1.GetControllerOf(object); owner != nil && owner.Kind == "Site" {
		return object.GetNamespace() + "/" + owner.Name
	}
	return ""
}

// follow puts the key of whatever happens to an object into the queue.
func (o *operator) follow(informer cache.SharedIndexInformer, keyOf func(metav1.Object) string) {
	enqueue := func(object any) {
		if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		if each, ok := object.(metav1.Object); ok {
			if key := keyOf(each); key != "" {
				o.queue.Add(key)
			}
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: enqueue, UpdateFunc: func(_, object any) { enqueue(object) }, DeleteFunc: enqueue})
	must(err)
	o.synced = append(o.synced, informer.HasSynced)
}

func (o *operator) startInformers(ctx context.Context) {
	o.siteInformers.Start(ctx.Done())
	o.ownedInformers.Start(ctx.Done())
}

// run works as the leader until the context ends.
func (o *operator) run(ctx context.Context) {
	legacy := record.NewBroadcaster(record.WithContext(ctx))
	legacy.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: o.client.CoreV1().Events("")})
	o.legacyEvents = legacy.NewRecorder(scheme.Scheme, corev1.EventSource{Component: fieldManager})
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: o.client.EventsV1()})
	must(broadcaster.StartRecordingToSinkWithContext(ctx))
	o.events = broadcaster.NewRecorder(scheme.Scheme, fieldManager)
	if !cache.WaitForCacheSync(ctx.Done(), o.synced...) {
		return
	}
	for range workers {
		go wait.UntilWithContext(ctx, o.work, time.Second)
	}
	<-ctx.Done()
	o.queue.ShutDown()
}

func (o *operator) work(ctx context.Context) {
	for {
		key, quit := o.queue.Get()
		if quit {
			return
		}
		if err := o.reconcile(ctx, key); err != nil {
			o.metrics.failures.Add(1)
			fmt.Fprintf(os.Stderr, "%s: %v\n", key, err)
			o.queue.AddRateLimited(key)
		} else {
			o.queue.Forget(key)
		}
		o.metrics.reconciles.Add(1)
		o.queue.Done(key)
	}
}
