// An operator as they are written with client-go: two replicas elect a leader by a Lease; the leader keeps a Deployment and a ConfigMap for each Site
// (server-side apply), tells how they do in its status, and cleans up behind a finalizer. Each replica serves the webhooks that default, judge and convert
// Sites; the leader writes its own address into their configurations. Built-in kinds go as protobuf, Sites as JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// fieldManager owns what the operator applies.
const fieldManager = "site-operator"

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	identity := flag.String("identity", "", "the name of this replica")
	namespace := flag.String("namespace", "", "where the Lease of the election is")
	certificate := flag.String("certificate", "", "PEM of the certificate of the webhooks, which is for 127.0.0.1")
	key := flag.String("key", "", "PEM of its key")
	authority := flag.String("authority", "", "PEM of the authority that issued it")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	must(err)
	config.UserAgent = "site-operator/" + *identity
	counts := newMetrics()
	config.Wrap(counts.countRequests)
	protobuf := *config
	protobuf.ContentType = "application/vnd.kubernetes.protobuf"
	protobuf.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	client, err := kubernetes.NewForConfig(&protobuf)
	must(err)
	custom, err := dynamic.NewForConfig(config)
	must(err)
	bundle, err := os.ReadFile(*authority)
	must(err)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	webhooks, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go func() { must(serveWebhooks(webhooks, *certificate, *key, counts)) }()
	metrics, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	go func() { must(counts.serve(metrics)) }()
	// Whoever started this learns by it where to ask.
	must(json.NewEncoder(os.Stdout).Encode(map[string]string{"identity": *identity, "metrics": metrics.Addr().String()}))

	operator := newOperator(client, custom, counts)
	operator.startInformers(ctx)
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Name: "site-operator", Namespace: *namespace},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: *identity},
	}
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: 10 * time.Second, RenewDeadline: 8 * time.Second, RetryPeriod: time.Second, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				counts.leading.Store(1)
				go keepWebhooks(leading, client, custom, "https://"+webhooks.Addr().String(), bundle)
				operator.run(leading)
			},
			OnStoppedLeading: func() { os.Exit(0) },
		},
	})
}
