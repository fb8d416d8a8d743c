// What a controller written with client-go does at its start and in its work, in protobuf: informers that list and watch,
// creates, updates, an apply, conflicts, a leader election, and deletes. Prints one line of JSON with what it saw.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/retry"
)

const objects = 100

type summary struct {
	Version   string           `json:"version"`
	Protocol  string           `json:"protocol"`
	Added     int64            `json:"added"`
	Updated   int64            `json:"updated"`
	Deleted   int64            `json:"deleted"`
	Listed    int              `json:"listed"`
	Conflicts int64            `json:"conflicts"`
	Applied   string           `json:"applied"`
	Leader    bool             `json:"leader"`
	Missing   string           `json:"missing"`
	Kinds     map[string]int64 `json:"kinds"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func until(what string, done func() bool) {
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			must(fmt.Errorf("not within 20 s: %s", what))
		}
	}
}

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	must(err)
	namespace := os.Args[2]
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf"
	config.QPS, config.Burst = 1000, 1000
	client, err := kubernetes.NewForConfig(config)
	must(err)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	result := summary{Kinds: map[string]int64{}}
	version, err := client.Discovery().ServerVersion()
	must(err)
	result.Version = version.GitVersion
	result.Protocol, err = protocol(config)
	must(err)

	factory := informers.NewSharedInformerFactory(client, 0)
	var added, updated, deleted atomic.Int64
	maps := factory.Core().V1().ConfigMaps()
	handled, err := maps.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) {
			if object.(*corev1.ConfigMap).Namespace == namespace {
				added.Add(1)
			}
		},
		UpdateFunc: func(_, object any) {
			if object.(*corev1.ConfigMap).Namespace == namespace {
				updated.Add(1)
			}
		},
		DeleteFunc: func(object any) {
			if gone, ok := object.(*corev1.ConfigMap); ok && gone.Namespace == namespace {
				deleted.Add(1)
			}
		},
	})
	must(err)
	counts := map[string]*atomic.Int64{}
	count := func(kind string, informer cache.SharedIndexInformer) {
		seen := &atomic.Int64{}
		counts[kind] = seen
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: func(any) { seen.Add(1) }})
		must(err)
	}
	count("Namespace", factory.Core().V1().Namespaces().Informer())
	count("Service", factory.Core().V1().Services().Informer())
	count("Deployment", factory.Apps().V1().Deployments().Informer())
	count("ClusterRole", factory.Rbac().V1().ClusterRoles().Informer())
	count("Lease", factory.Coordination().V1().Leases().Informer())
	count("EndpointSlice", factory.Discovery().V1().EndpointSlices().Informer())
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			must(fmt.Errorf("%v was not synced", kind))
		}
	}
	// The informer may have what its handlers are yet to be told.
	if !cache.WaitForCacheSync(ctx.Done(), handled.HasSynced) {
		must(fmt.Errorf("the handlers were not told"))
	}
	before := added.Load()

	api := client.CoreV1().ConfigMaps(namespace)
	var group sync.WaitGroup
	for number := range objects {
		group.Add(1)
		go func() {
			defer group.Done()
			name := fmt.Sprintf("go-%d", number)
			_, err := api.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"by": "go"}}, Data: map[string]string{"n": "0"}, BinaryData: map[string][]byte{"b": {0, 255, 128}}}, metav1.CreateOptions{})
			must(err)
		}()
	}
	group.Wait()
	until("the informer has seen what was created", func() bool { return added.Load()-before == objects })
	// Every writer changes the same object, from what its informer has.
	var conflicts atomic.Int64
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			must(retry.RetryOnConflict(wait.Backoff{Steps: 50, Duration: 5 * time.Millisecond, Factor: 1.1, Jitter: 1}, func() error {
				object, err := api.Get(ctx, "go-0", metav1.GetOptions{})
				if err != nil {
					return err
				}
				object.Data["n"] += "1"
				_, err = api.Update(ctx, object, metav1.UpdateOptions{})
				if apierrors.IsConflict(err) {
					conflicts.Add(1)
				}
				return err
			}))
		}()
	}
	group.Wait()
	until("the informer has seen the last update", func() bool {
		object, err := maps.Lister().ConfigMaps(namespace).Get("go-0")
		return err == nil && object.Data["n"] == "011111111"
	})
	applied, err := api.Apply(ctx, coreapply.ConfigMap("go-1", namespace).WithData(map[string]string{"applied": "yes"}), metav1.ApplyOptions{FieldManager: "go", Force: true})
	must(err)
	result.Applied = applied.Data["applied"] + applied.Data["n"]

	_, err = client.AppsV1().Deployments(namespace).Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "go"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "go"}},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "go"}}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}}},
		},
	}, metav1.CreateOptions{})
	must(err)
	until("the informer has seen the deployment", func() bool { return counts["Deployment"].Load() > 0 })

	pages, err := listed(ctx, client, namespace)
	must(err)
	result.Listed = pages
	_, err = api.Get(ctx, "nowhere", metav1.GetOptions{})
	result.Missing = fmt.Sprint(err)

	led := make(chan struct{})
	leading, stop := context.WithCancel(ctx)
	go leaderelection.RunOrDie(leading, leaderelection.LeaderElectionConfig{
		Lock:          &resourcelock.LeaseLock{LeaseMeta: metav1.ObjectMeta{Name: "go", Namespace: namespace}, Client: client.CoordinationV1(), LockConfig: resourcelock.ResourceLockConfig{Identity: "go"}},
		LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: time.Second, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { close(led) }, OnStoppedLeading: func() {}},
	})
	select {
	case <-led:
		result.Leader = true
	case <-time.After(20 * time.Second):
	}
	stop()

	must(api.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "by=go"}))
	until("the informer has seen the deletions", func() bool { return deleted.Load() == objects })
	rest, err := maps.Lister().ConfigMaps(namespace).List(labels.SelectorFromSet(labels.Set{"by": "go"}))
	must(err)
	if len(rest) != 0 {
		must(fmt.Errorf("%d objects are left", len(rest)))
	}
	result.Added, result.Updated, result.Deleted, result.Conflicts = added.Load()-before, updated.Load(), deleted.Load(), conflicts.Load()
	for kind, seen := range counts {
		result.Kinds[kind] = seen.Load()
	}
	must(json.NewEncoder(os.Stdout).Encode(result))
}

// protocol is what the client and the server have agreed on; connections are shared by all clients of a configuration.
func protocol(config *rest.Config) (string, error) {
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return "", err
	}
	answer, err := client.Get(config.Host + "/version")
	if err != nil {
		return "", err
	}
	return answer.Proto, answer.Body.Close()
}

// listed counts objects page by page.
func listed(ctx context.Context, client kubernetes.Interface, namespace string) (int, error) {
	total := 0
	options := metav1.ListOptions{LabelSelector: "by=go", Limit: 30}
	for {
		page, err := client.CoreV1().ConfigMaps(namespace).List(ctx, options)
		if err != nil {
			return 0, err
		}
		for index := range page.Items {
			var object runtime.Object = &page.Items[index]
			if _, ok := object.(*corev1.ConfigMap); ok {
				total++
			}
		}
		if options.Continue = page.Continue; options.Continue == "" {
			return total, nil
		}
	}
}
