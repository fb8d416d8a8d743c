package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	apply "k8s.io/client-go/applyconfigurations/admissionregistration/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
)

func serveWebhooks(listener net.Listener, certificate, key string, counts *metrics) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/default", reviewed(counts, defaulted))
	mux.HandleFunc("/judge", reviewed(counts, judged))
	mux.HandleFunc("/convert", func(writer http.ResponseWriter, request *http.Request) {
		review := conversionReview{}
		if err := json.NewDecoder(request.Body).Decode(&review); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		counts.conversions.Add(1)
		review.Response = converted(review.Request)
		review.Request = nil
		answer(writer, review)
	})
	return http.ServeTLS(listener, mux, certificate, key)
}

func answer(writer http.ResponseWriter, review any) {
	writer.Header().Set("Content-Type", "application/json")
	// Who asked may have given up.
	if err := json.NewEncoder(writer).Encode(review); err != nil {
		fmt.Fprintf(os.Stderr, "webhooks: %v\n", err)
	}
}

func reviewed(counts *metrics, decide func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse) http.HandlerFunc {
	return func(writer http.ResponseWriter, request *http.Request) {
		review := admissionv1.AdmissionReview{}
		if err := json.NewDecoder(request.Body).Decode(&review); err != nil || review.Request == nil {
			http.Error(writer, fmt.Sprintf("no review: %v", err), http.StatusBadRequest)
			return
		}
		counts.admissions.Add(1)
		review.Response = decide(review.Request)
		review.Response.UID = review.Request.UID
		review.Request = nil
		answer(writer, review)
	}
}

func refused(code int32, reason metav1.StatusReason, message string) *admissionv1.AdmissionResponse {
	return &admissionv1.AdmissionResponse{Result: &metav1.Status{Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message}}
}

// defaulted gives a Site its first page.
func defaulted(request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	site := Site{}
	if err := json.Unmarshal(request.Object.Raw, &site); err != nil {
		return refused(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	response := &admissionv1.AdmissionResponse{Allowed: true, AuditAnnotations: map[string]string{"pages": fmt.Sprint(len(site.Spec.Pages))}}
	if site.DeletionTimestamp != nil || len(site.Spec.Pages) > 0 {
		return response
	}
	patch, err := json.Marshal([]map[string]any{{"op": "add", "path": "/spec/pages", "value": map[string]string{"index": "Hello from " + site.Name}}})
	must(err)
	kind := admissionv1.PatchTypeJSONPatch
	response.Patch, response.PatchType = patch, &kind
	response.Warnings = []string{"spec.pages was empty: a first page was written"}
	return response
}

// judged refuses pages that nobody could ask for, and the deletion of a Site that shall stay.
func judged(request *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
	site := Site{}
	raw := request.Object.Raw
	if request.Operation == admissionv1.Delete {
		raw = request.OldObject.Raw
	}
	if err := json.Unmarshal(raw, &site); err != nil {
		return refused(http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
	}
	if request.Operation == admissionv1.Delete {
		if site.Annotations[keepAnnotation] == "true" {
			return refused(http.StatusConflict, metav1.StatusReasonConflict, "the annotation "+keepAnnotation+" says that it stays")
		}
		return &admissionv1.AdmissionResponse{Allowed: true}
	}
	for name := range site.Spec.Pages {
		if strings.Contains(name, "..") {
			return refused(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, fmt.Sprintf("spec.pages[%s]: leads out of the site", name))
		}
	}
	return &admissionv1.AdmissionResponse{Allowed: true}
}

// keepWebhooks writes this replica's address into the configurations as long as it leads: who led before may be gone.
func keepWebhooks(ctx context.Context, client kubernetes.Interface, custom dynamic.Interface, url string, bundle []byte) {
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		for _, write := range []func() error{
			func() error { return applyAdmission(ctx, client, url, bundle) },
			func() error { return applyConversion(ctx, custom, url, bundle) },
		} {
			if err := write(); err != nil && ctx.Err() == nil {
				fmt.Fprintf(os.Stderr, "webhooks: %v\n", err)
			}
		}
	}, time.Second)
}

func applyAdmission(ctx context.Context, client kubernetes.Interface, url string, bundle []byte) error {
	options := metav1.ApplyOptions{FieldManager: fieldManager, Force: true}
	api := client.AdmissionregistrationV1()
	at := func(path string) *apply.WebhookClientConfigApplyConfiguration {
		return apply.WebhookClientConfig().WithURL(url + path).WithCABundle(bundle...)
	}
	on := func(operations ...admissionregistrationv1.OperationType) *apply.RuleWithOperationsApplyConfiguration {
		return apply.RuleWithOperations().WithOperations(operations...).WithAPIGroups(group).WithAPIVersions("v1").WithResources("sites").WithScope(admissionregistrationv1.NamespacedScope)
	}
	const create, update, remove = admissionregistrationv1.Create, admissionregistrationv1.Update, admissionregistrationv1.Delete
	mutating := apply.MutatingWebhook().WithName("default." + group).WithClientConfig(at("/default")).WithRules(on(create, update)).
		WithSideEffects(admissionregistrationv1.SideEffectClassNone).WithAdmissionReviewVersions("v1").WithTimeoutSeconds(5).WithFailurePolicy(admissionregistrationv1.Fail)
	if _, err := api.MutatingWebhookConfigurations().Apply(ctx, apply.MutatingWebhookConfiguration(fieldManager).WithWebhooks(mutating), options); err != nil {
		return err
	}
	validating := apply.ValidatingWebhook().WithName("judge." + group).WithClientConfig(at("/judge")).WithRules(on(create, update, remove)).
		WithSideEffects(admissionregistrationv1.SideEffectClassNone).WithAdmissionReviewVersions("v1").WithTimeoutSeconds(5).WithFailurePolicy(admissionregistrationv1.Fail)
	_, err := api.ValidatingWebhookConfigurations().Apply(ctx, apply.ValidatingWebhookConfiguration(fieldManager).WithWebhooks(validating), options)
	return err
}

// applyConversion owns spec.conversion of the definition, and nothing else of it.
func applyConversion(ctx context.Context, custom dynamic.Interface, url string, bundle []byte) error {
	definitions := custom.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	name := sites.Resource + "." + group
	// An apply would make it when it is not there.
	if found, err := definitions.Get(ctx, name, metav1.GetOptions{}); apierrors.IsNotFound(err) || (err == nil && found.GetDeletionTimestamp() != nil) {
		return nil
	} else if err != nil {
		return err
	}
	definition := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"conversion": map[string]any{"strategy": "Webhook", "webhook": map[string]any{
			"conversionReviewVersions": []any{"v1"}, "clientConfig": map[string]any{"url": url + "/convert", "caBundle": bundle64(bundle)},
		}}},
	}}
	_, err := definitions.Apply(ctx, name, definition, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
	return err
}
